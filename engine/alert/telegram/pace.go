package telegram

import (
	"strings"
	"time"
)

// pace keeps a bot within what Telegram takes: about a message a second in a
// chat, and 20 a minute in a group. A few may come at once.
type pace struct {
	every time.Duration
	free  time.Time // when all that was sent is forgotten
}

const atOnce = 5

func paceOf(chat any) pace {
	if id, ok := chat.(int64); ok && id > 0 {
		return pace{every: time.Second}
	}
	if name, ok := chat.(string); ok && !strings.HasPrefix(name, "@") {
		return pace{every: time.Second}
	}
	return pace{every: 3 * time.Second}
}

// wait is how long the next message has to wait. Where it does not, it counts as
// sent.
func (p *pace) wait(now time.Time) time.Duration {
	if p.free.Before(now) {
		p.free = now
	}
	if over := p.free.Add(p.every).Sub(now) - atOnce*p.every; over > 0 {
		return over
	}
	p.free = p.free.Add(p.every)
	return 0
}
