package engine

import (
	"fmt"
	"time"

	cron "github.com/netresearch/go-cron"
)

// A Cron is a cron line in its time zone.
type Cron struct {
	schedule cron.Schedule
	zone     *time.Location
}

// ParseCron reads a cron line of five fields, or a name such as @hourly. zone is
// an IANA name, or empty for the machine's. A line that never comes, such as
// 0 0 31 2 *, is an error.
func ParseCron(line, zone string) (*Cron, error) {
	loc, err := zoneOf(zone)
	if err != nil {
		return nil, err
	}
	s, err := cron.ParseStandard(line)
	if err != nil {
		return nil, fmt.Errorf("%q is not a cron line: %w", line, err)
	}
	c := &Cron{schedule: s, zone: loc}
	if c.Next(time.Now()).IsZero() {
		return nil, fmt.Errorf("the cron line %q names a time that never comes", line)
	}
	return c, nil
}

// zoneOf is the time zone of an IANA name, the machine's for an empty one.
func zoneOf(name string) (*time.Location, error) {
	if name == "" {
		return time.Local, nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("there is no time zone %q", name)
	}
	return loc, nil
}

// Next is the first time of the line after t.
func (c *Cron) Next(t time.Time) time.Time { return c.schedule.Next(t.In(c.zone)) }
