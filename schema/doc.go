// Package schema reads the file: bytes become a [Document], in which every
// value knows the line and column it came from, and a list of [Diagnostic]s
// that holds every mistake, not just the first.
//
// The package knows YAML, and nothing about checks. It works in three steps,
// each total (a mistake is noted, and the step goes on):
//
//  1. [Parse] turns bytes into a tree of [Node]s: anchors and merge keys are
//     resolved within bounds, duplicate keys and second documents refused,
//     ${…} replaced in scalar values, secrets remembered in [Secrets].
//  2. [Reader.Decode] fills a plain Go struct from a Node by its `yaml` tags and
//     notes unknown keys, wrong types and missing values.
//  3. What only the caller can judge it notes itself with [Reader.Errorf], at the
//     place of any Node, or inside an expression with [Reader.ErrorIn]. What is
//     legal and surely unmeant is a warning: [Reader.Warnf], [Reader.WarnIn].
//
// The tags of a struct's field say what its key is, and what it may hold:
//
//	yaml:"url"                the key
//	yaml:"url,required"       it must be given, and not be empty
//	yaml:"rule,filled"        it may be left out; left empty by ${NAME:-} it counts as
//	                          required
//	yaml:"unit,oneof=target"  of the keys of the group target exactly one must be
//	enum:"GET,POST"           the texts that it may hold, or the parts of its list or map
//	min:"1" max:"100"         the numbers
//	example:"https://…"       what documentation and hints show
//
// Fields may be bool, string, Secret, any integer, float64, Duration, Size, a
// pointer (nil where the file is silent), list, map or struct of these, a raw
// *Node, or a type whose pointer reads itself by FromNode.
//
// The same structs, with their doc comments, describe themselves: [Describe]
// turns a struct into a list of keys for documentation and a JSON Schema.
//
// [Format] needs none of this: it brings a file's text into the one layout.
package schema
