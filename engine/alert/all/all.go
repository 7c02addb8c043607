// Package all is the list of every kind of notifier. To add one, add its line.
package all

import (
	"maps"

	"polyhealth/engine/alert"
	"polyhealth/engine/alert/alertmanager"
	"polyhealth/engine/alert/chat"
	"polyhealth/engine/alert/command"
	"polyhealth/engine/alert/email"
	"polyhealth/engine/alert/telegram"
	"polyhealth/engine/alert/webhook"
)

// Kinds are all kinds of notifiers, in the order in which people are told of them.
func Kinds() []alert.Kind {
	return []alert.Kind{
		telegram.Kind,
		email.Kind,
		webhook.Kind,
		chat.Kind,
		alertmanager.Kind,
		command.Kind,
	}
}

// Docs are the doc comments of all kinds' keys, by "package.Struct.Field".
func Docs() map[string]string {
	docs := map[string]string{}
	for _, of := range []map[string]string{
		telegram.FieldDocs(), email.FieldDocs(), webhook.FieldDocs(), chat.FieldDocs(),
		alertmanager.FieldDocs(), command.FieldDocs(),
	} {
		maps.Copy(docs, of)
	}
	return docs
}
