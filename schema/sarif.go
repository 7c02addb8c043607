package schema

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
)

// sarifSchema is what an editor checks such a file by.
const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// The parts of a SARIF log that say what a Diagnostic does. Diagnostics have no
// stable ids, so there are no rules.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string `json:"name"`
		Version string `json:"version,omitempty"`
	}
	sarifResult struct {
		Level     string          `json:"level"`
		Message   sarifMessage    `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndColumn   int `json:"endColumn"`
	}
	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
	}
)

// WriteSARIF writes diagnostics as a SARIF 2.1.0 log of one run of the tool.
func WriteSARIF(w io.Writer, ds []Diagnostic, tool, version string) error {
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: tool, Version: version}},
		ColumnKind: "unicodeCodePoints",
		Results:    make([]sarifResult, len(ds)),
	}
	for i, d := range ds {
		run.Results[i] = d.sarif()
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

func (d Diagnostic) sarif() sarifResult {
	text := d.Message
	if d.Hint != "" {
		text += "\nhint: " + d.Hint
	}
	at := sarifLocation{Physical: sarifPhysical{
		Artifact: sarifArtifact{URI: uriOf(d.File)},
		Region:   sarifRegion{StartLine: d.Line, StartColumn: d.Column, EndColumn: d.end()},
	}}
	if d.Path != "" {
		at.Logical = []sarifLogical{{FullyQualifiedName: d.Path}}
	}
	return sarifResult{Level: string(d.Severity), Message: sarifMessage{text}, Locations: []sarifLocation{at}}
}

// uriOf is a file's name as a URI, relative where the name is.
func uriOf(file string) string {
	u := url.URL{Path: filepath.ToSlash(file)}
	if filepath.IsAbs(file) {
		u.Scheme = "file"
	}
	return u.String()
}
