// Package checktypes is the contract between the engine and the things that can
// be checked. A check type is a documented value, a [Type], made by [Define] from
// four parts that live in one folder named as the type's YAML key:
//
//   - a struct of its keys, with defaults as a literal value;
//   - a struct of its rule variables, which embeds [Common];
//   - a [Prober] that fills those variables once per probe;
//   - how it judges and describes a result when the file has no rules of its own.
//
// From the two structs and their doc comments come the JSON Schema, `explain`,
// the README's tables and the type check of every rule. The visible list of all
// types is in checktypes/all; checktypes/checktest is the test each must pass.
//
// A variable's tags min, max and enum say what values it can have, also in a probe
// that failed: a rule that compares it with another is warned of.
//
// A type knows no other type, no engine and no rule language.
package checktypes

//go:generate go run polyhealth/schema/fielddocs
