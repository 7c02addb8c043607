// Package systemd is the check type that asks systemd how units are doing.
//
// It talks D-Bus to the system manager or to the user's own, and never runs a
// program. All checks of one scope share one connection, a [bus], which is made
// when first needed and remade when it breaks. A probe costs three exchanges at
// most, however many units it looks at, with all calls of an exchange on their way
// at once:
//
//  1. which units there are, and their load, active and sub state;
//  2. the properties that the table of states, or the check's rules, read;
//  3. the units they depend on: what triggers an idle service, what a timer starts.
//
// What systemd said of a unit are its [facts]; [verdict] looks them up in the table
// [states], first match first, and that is all the judgement there is. A unit is
// described to rules as a [Unit].
package systemd

//go:generate go run polyhealth/schema/fielddocs
