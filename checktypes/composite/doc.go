// Package composite is the check type that asks nobody: its rules read what other
// checks report. The engine runs it when one of these changes.
package composite

//go:generate go run polyhealth/schema/fielddocs
