// Package all is the list of every check type. To add one, add its line.
package all

import (
	"maps"

	"polyhealth/checktypes"
	"polyhealth/checktypes/command"
	"polyhealth/checktypes/composite"
	"polyhealth/checktypes/http"
	"polyhealth/checktypes/sql"
	"polyhealth/checktypes/systemd"
	"polyhealth/checktypes/tlsconf"
	"polyhealth/checktypes/websocket"
)

// Types are all check types, in the order in which people are told of them.
func Types() []checktypes.Type {
	return []checktypes.Type{
		http.Type,
		sql.Type,
		websocket.Type,
		systemd.Type,
		command.Type,
		composite.Type,
	}
}

// Docs are the doc comments of all types' keys and variables, by
// "package.Struct.Field".
func Docs() map[string]string {
	docs := checktypes.FieldDocs()
	for _, of := range []map[string]string{
		http.FieldDocs(), sql.FieldDocs(), websocket.FieldDocs(), systemd.FieldDocs(),
		command.FieldDocs(), composite.FieldDocs(), tlsconf.FieldDocs(),
	} {
		maps.Copy(docs, of)
	}
	return docs
}
