// Package workdays knows the days on which people work in France: not weekends, nor the public holidays of the whole
// country.
package workdays

import (
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/fr"
)

// Calendar says which days are worked. Make one for each use: it is not safe for concurrent use.
type Calendar struct{ c *cal.BusinessCalendar }

// New returns the calendar.
func New() Calendar {
	c := cal.NewBusinessCalendar()
	c.AddHoliday(fr.Holidays...)
	return Calendar{c}
}

// Is reports whether people work on t's day, in t's own zone.
func (c Calendar) Is(t time.Time) bool { return c.c.IsWorkday(t) }

// OnOrBefore returns t, or the same time of the last worked day before.
func (c Calendar) OnOrBefore(t time.Time) time.Time {
	day := t
	for n := 1; !c.Is(day); n++ {
		day = t.AddDate(0, 0, -n)
	}
	return day
}

// OnOrAfter returns t, or the same time of the first worked day after.
func (c Calendar) OnOrAfter(t time.Time) time.Time {
	day := t
	for n := 1; !c.Is(day); n++ {
		day = t.AddDate(0, 0, n)
	}
	return day
}
