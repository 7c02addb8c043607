package websocket

import (
	"fmt"
	"time"

	"polyhealth/checktypes"
	"polyhealth/checktypes/jsonvalue"
	"polyhealth/checktypes/tlsconf"
	"polyhealth/schema"
)

// Type is the websocket check type.
var Type = checktypes.Define(checktypes.Definition[Config, Vars]{
	Name:     "websocket",
	Doc:      "Opens a WebSocket and talks over it, or watches what a stream sends.",
	Short:    "url",
	Defaults: Config{Mode: "connect", MaxMessage: 1 << 20},
	Check:    check,
	Open:     open,
	Judge: func(_ *Config, v *Vars) checktypes.Status {
		if !v.Connected {
			return checktypes.Unhealthy
		}
		return checktypes.Healthy
	},
	Without: without,
	Derive:  derive,
	Summary: summary,
})

// Config is what the websocket key holds.
type Config struct {
	// The server to connect to, beginning with ws:// or wss://. A user and password
	// in it are sent as basic authentication.
	URL string `yaml:"url,required" example:"wss://stream.example.org/ws"`
	// Headers of the request that opens the connection. Host overrides the URL's
	// host; User-Agent is polyhealth/1 unless set.
	Headers map[string]string `yaml:"headers" example:"Authorization: Bearer ${STREAM_TOKEN}"`
	// Subprotocols to offer, the preferred one first. The server may choose none.
	Subprotocols []string `yaml:"subprotocols" example:"[graphql-transport-ws]"`
	// What to send once connected: a text, a map, which is sent as JSON, or a list of
	// these. In mode stream it is sent again on each new connection.
	Send Messages `yaml:"send" example:"{type: subscribe, channel: trades}"`
	// How many messages to wait for. In mode stream the probes wait until that many
	// have come since the check began. By default 1 where something reads message,
	// messages or json, else 0.
	Receive *int `yaml:"receive" min:"0" max:"1000"`
	// connect, the default, opens a connection for each probe. stream keeps one open
	// from probe to probe, pings the server at each, and opens it again when it is
	// lost.
	Mode string `yaml:"mode" enum:"connect,stream"`
	// How to speak TLS.
	TLS tlsconf.Config `yaml:"tls"`
	// The largest message to accept; a larger one ends the connection. By default
	// 1MiB.
	MaxMessage schema.Size `yaml:"max_message" min:"1" example:"4MiB"`
}

// Vars are what rules see of a websocket probe.
type Vars struct {
	checktypes.Common
	// Connected is whether the connection stands; in mode connect, whether it was
	// opened.
	Connected bool `expr:"connected"`
	// Messages are the texts that were received, the oldest first: in mode connect
	// as many as receive asks for, in mode stream the last ten.
	Messages []string `expr:"messages"`
	// Message is the last message, empty where there is none.
	Message string `expr:"message"`
	// JSON is the last message as JSON. The probe fails where something reads this
	// and the message is not JSON.
	JSON any `expr:"json"`
	// Ping is how long the server took to answer a ping, the last one in mode stream;
	// 0s where it did not. The probe fails where something reads this and no answer
	// comes.
	Ping time.Duration `expr:"ping" min:"0s"`
	// Subprotocol is the one that the server chose, empty for none.
	Subprotocol string `expr:"subprotocol"`
	// CloseCode is what the server closed the connection with, such as 1000; 0 where
	// it did not. In mode stream it is that of the last connection that was lost.
	CloseCode int `expr:"close_code" min:"0"`
	// MessageCount is how many messages have come since the check began, over all
	// connections; in mode connect, in this probe.
	MessageCount int `expr:"message_count" min:"0"`
	// LastMessageAge is how long ago the last message came, over all connections;
	// before the first, how long ago the stream was first connected. Mode stream only.
	LastMessageAge time.Duration `expr:"last_message_age" min:"0s"`
	// Rate is how many messages a second came over the last minute, or since the
	// stream was first connected where that is less. Mode stream only.
	Rate float64 `expr:"rate" min:"0"`
	// Reconnects is how often the connection was lost and opened again. Mode stream
	// only.
	Reconnects int `expr:"reconnects" min:"0"`
	// SubscriptionCount is how many of the messages of send were sent over the
	// connection that stands.
	SubscriptionCount int `expr:"subscription_count" min:"0"`
}

// derive makes the last message of the messages, its JSON, and a connection, which
// there is unless said otherwise.
func derive(_ *Config, v *Vars, has checktypes.Has) {
	if !has["connected"] {
		v.Connected, has["connected"] = true, true
	}
	if !has["messages"] && has["message"] {
		v.Messages, has["messages"] = []string{v.Message}, true
	}
	if !has["message"] && len(v.Messages) > 0 {
		v.Message, has["message"] = v.Messages[len(v.Messages)-1], true
	}
	if !has["json"] && has["message"] {
		v.JSON, _ = jsonvalue.Parse([]byte(v.Message))
		has["json"] = true
	}
	if !has["message_count"] && has["messages"] {
		v.MessageCount, has["message_count"] = len(v.Messages), true
	}
	for _, name := range []string{"subprotocol", "close_code", "reconnects"} {
		has[name] = true
	}
}

// without names what only a stream knows, and what nobody waits for.
func without(c Config) map[string]string {
	if c.Mode == "stream" {
		return nil
	}
	reason := "only mode: stream has it"
	lacks := map[string]string{"last_message_age": reason, "rate": reason, "reconnects": reason}
	if c.Receive != nil && *c.Receive == 0 {
		reason = "receive: 0 waits for no message"
		lacks["message"], lacks["messages"], lacks["json"] = reason, reason, reason
	}
	return lacks
}

func summary(c *Config, v *Vars) string {
	switch {
	case !v.Connected:
		return "not connected"
	case c.Mode == "stream" && v.MessageCount == 0:
		return "connected, no message yet"
	case c.Mode == "stream":
		return fmt.Sprintf("connected, %s, last %s ago", count(v.MessageCount, "message"), checktypes.FormatDuration(round(v.LastMessageAge)))
	case v.Ping > 0:
		return "connected, ping " + checktypes.FormatDuration(v.Ping)
	}
	return "connected"
}

// round takes the fractions off an age of more than a second.
func round(d time.Duration) time.Duration {
	if d < time.Second {
		return d
	}
	return d.Truncate(time.Second)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
