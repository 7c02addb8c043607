package websocket

import (
	"fmt"

	"polyhealth/checktypes"
	"polyhealth/checktypes/jsonvalue"
)

// wants are what a check needs of a connection.
type wants struct {
	receive  int
	messages bool // somebody reads the texts, not just the last one
	last     bool // somebody reads the last text
	json     bool // somebody reads the last text as JSON
	needJSON bool // and says so: without JSON the probe fails
	needPing bool
}

func wantsOf(c Config, env checktypes.Env) wants {
	reads := func(name string) bool { return env.Uses != nil && env.Uses(name) }
	w := wants{
		messages: env.Reads("messages"),
		last:     env.Reads("messages") || env.Reads("message") || env.Reads("json"),
		json:     env.Reads("json"),
		needJSON: reads("json"),
		needPing: reads("ping"),
	}
	switch {
	case c.Receive != nil:
		w.receive = *c.Receive
	case reads("message") || reads("messages") || reads("json"):
		w.receive = 1
	}
	return w
}

// fill sets the variables that are made of the last message.
func (w wants) fill(v *Vars, last string) (err error) {
	v.Message = last
	if !w.json {
		return nil
	}
	v.JSON, err = jsonvalue.Parse([]byte(last))
	if err != nil && w.needJSON {
		return fmt.Errorf("the last message is not JSON: %w", err)
	}
	return nil
}

func open(c Config, env checktypes.Env) (checktypes.Prober[Vars], error) {
	d, err := newDialer(c, env.Dir)
	if err != nil {
		return nil, err
	}
	if c.Mode == "stream" {
		return newStream(d, wantsOf(c, env), env.Timeout, usualPace()), nil
	}
	return &connector{dialer: d, wants: wantsOf(c, env), timeout: env.Timeout}, nil
}
