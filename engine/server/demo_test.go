package server

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"polyhealth/engine"
)

func TestDemo(t *testing.T) {
	if os.Getenv("DEMO") == "" {
		t.Skip()
	}
	n, _ := strconv.Atoi(os.Getenv("DEMO"))
	var all []*engine.Component
	if n <= 5 {
		mk := func(name string, st engine.Status, msg, rule string, tags ...string) {
			c := component(name, st)
			c.Message, c.Rule, c.Check.Tags = msg, rule, tags
			c.LastCheck, c.LastSuccess = time.Now().Add(-4*time.Second), time.Now().Add(-4*time.Second)
			c.Since = time.Now().Add(-time.Duration(rand.IntN(300000)) * time.Second)
			c.Metadata = []byte(`{"markets":12,"newest":"4s","nested":{"a":[1,2]}}`)
			c.Check.Keys.Description = "The order book feed of the exchange."
			all = append(all, c)
		}
		mk("database", engine.Healthy, "1240 markets, newest 12s ago", "", "storage")
		mk("gamma-api", engine.Degraded, "200 in 1.3s", `degraded: latency > "800ms"`, "api", "external")
		mk("clob-websocket", engine.Healthy, "Connected, 812 messages a minute", "", "api", "stream")
		mk("services", engine.Unhealthy, "1 services down: polymarket-trader", "unhealthy: len(failed) > 0", "systemd")
		mk("disk", engine.Unknown, "not configured: BACKUP_DISK", "", "host")
		all[4].Check.Critical = false
		all[3].Since = time.Now().Add(-200 * time.Second)
		all[3].Failures = 6
	} else {
		all = many(n)
		for i, c := range all {
			c.LastCheck = time.Now()
			c.Since = time.Now().Add(-time.Duration(i) * time.Minute)
			if i == 777 || i == 4242 {
				c.Status = engine.Unhealthy
				c.Message = "connection refused"
			}
		}
	}
	v := newFakeView(all...)
	now := time.Now()
	for _, c := range all {
		base := 20 + rand.IntN(60)
		for i := 59; i >= 0; i-- {
			m := engine.Minute{Start: now.Add(-time.Duration(i) * time.Minute).Truncate(time.Minute), Latency: time.Duration(base+rand.IntN(base)) * time.Millisecond, Worst: engine.Healthy, Count: 2}
			if c.Status != engine.Healthy && i < 20 {
				m.Worst = c.Status
				m.Latency *= 3
			}
			v.minutes[c.Check.Name] = append(v.minutes[c.Check.Name], m)
		}
	}
	s := newServer(v, Sources{Version: "v1.0.0"}, usualLimits())
	l, err := Listen("127.0.0.1:" + os.Getenv("DEMOPORT"))
	if err != nil {
		t.Fatal(err)
	}
	s.Serve(l)
	fmt.Println("serving", l.Addr())
	end := time.Now().Add(10 * time.Minute)
	for time.Now().Before(end) {
		time.Sleep(200 * time.Millisecond)
		if _, err := os.Stat("/tmp/work/demo.stop"); err == nil {
			break
		}
		v.change(all[rand.IntN(len(all))].Check.Name, func(c *engine.Component) {
			c.LastCheck = time.Now()
			c.Latency = time.Duration(rand.IntN(100)) * time.Millisecond
		})
	}
}
