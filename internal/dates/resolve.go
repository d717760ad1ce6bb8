package dates

import (
	"slices"
	"time"
)

// justPassed is how many days ago a date without a year is taken for a slip rather than for next year.
const justPassed = 30

// present is the time of reading, in the campaign's zone. Days are midnights in UTC, so that they can be counted
// without minding the clock's changes.
type present struct {
	at    time.Time
	today time.Time
}

func newPresent(now time.Time, zone *time.Location) present {
	at := now.In(zone)
	return present{at, date(at.Year(), at.Month(), at.Day())}
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func plusDays(day time.Time, n int) time.Time { return day.AddDate(0, 0, n) }

func exists(y int, m time.Month, d int) bool {
	t := date(y, m, d)
	return t.Month() == m && t.Day() == d
}

// passed tells whether the day, or its hour if there is one, lies before now.
func (now present) passed(day time.Time, c *clock) bool {
	if c == nil {
		return day.Before(now.today)
	}
	return now.clockTime(day, *c).Before(now.at)
}

// clockTime is the day at the hour c, about: a change of clocks does not matter to those who ask.
func (now present) clockTime(day time.Time, c clock) time.Time {
	if times, _ := c.on(day, now.at.Location()); len(times) > 0 {
		return times[0]
	}
	return now.start(day).Add(time.Duration(c.hour) * time.Hour)
}

// said returns the day at the hour c, or where c is nil its beginning.
func (now present) said(day time.Time, c *clock) time.Time {
	if c == nil || c.bad {
		return now.start(day)
	}
	return now.clockTime(day, *c)
}

// start is the first moment of a day.
func (now present) start(day time.Time) time.Time {
	times, gap := clock{}.on(day, now.at.Location())
	if gap != nil {
		return gap.To
	}
	return times[0]
}

// daySpec is a day as it was written.
type daySpec interface {
	// days finds the day that is meant, now, by one who also wrote the hour c (nil: none), and the others that may
	// be meant.
	days(now present, c *clock) (day time.Time, others []time.Time, err error)
	// falls tells whether the words can be said of this day.
	falls(on time.Time) bool
}

// dated is a day and its month, perhaps with the year or the weekday.
type dated struct {
	day        int
	month      time.Month
	year       int
	hasYear    bool
	weekday    time.Weekday
	hasWeekday bool
	inDigits   bool // with the day before the month
}

func (d dated) falls(on time.Time) bool {
	return d.day == on.Day() && d.month == on.Month() && (!d.hasYear || d.year == on.Year()) && d.onWeekday(on)
}

func (d dated) onWeekday(day time.Time) bool { return !d.hasWeekday || d.weekday == day.Weekday() }

func (d dated) days(now present, c *clock) (time.Time, []time.Time, error) {
	year, leap := d.year, 2000
	if d.hasYear {
		leap = year
	}
	if !exists(leap, d.month, d.day) {
		return time.Time{}, nil, &DateError{Day: d.day, Month: d.month, Year: d.year, dayFirst: d.inDigits}
	}
	if d.hasYear {
		day := date(year, d.month, d.day)
		if !d.onWeekday(day) {
			return time.Time{}, nil, now.weekdayError(day, d.weekday, c)
		}
		return day, nil, nil
	}
	year = now.today.Year()
	if now.passed(date(year, d.month, d.day), c) {
		year++
	}
	before, next := date(year-1, d.month, d.day), date(year, d.month, d.day)
	slip := exists(year-1, d.month, d.day) && now.today.Sub(before) <= justPassed*24*time.Hour
	switch {
	case !exists(year, d.month, d.day):
		return time.Time{}, nil, &DateError{Day: d.day, Month: d.month, Year: year}
	case slip && d.onWeekday(before) && !(d.hasWeekday && d.onWeekday(next)):
		past := &PastError{At: now.said(before, c), hasClock: c != nil}
		if !d.hasWeekday {
			past.Next = now.said(next, c)
		}
		return time.Time{}, nil, past
	case !d.onWeekday(next):
		return time.Time{}, nil, now.weekdayError(next, d.weekday, c)
	}
	return next, nil, nil
}

// ofMonth is a day of the month that comes, perhaps with its weekday.
type ofMonth struct {
	day        int
	weekday    time.Weekday
	hasWeekday bool
}

func (d ofMonth) falls(on time.Time) bool {
	return d.day == on.Day() && (!d.hasWeekday || d.weekday == on.Weekday())
}

func (d ofMonth) days(now present, c *clock) (time.Time, []time.Time, error) {
	if d.day < 1 || d.day > 31 {
		return time.Time{}, nil, &DateError{Day: d.day}
	}
	before, next := time.Time{}, time.Time{}
	for y, m := now.today.Year(), now.today.Month()-1; next.IsZero(); m++ {
		day := date(y, m, d.day)
		switch {
		case day.Day() != d.day: // this month is too short
		case now.passed(day, c):
			before = day
		default:
			next = day
		}
	}
	switch {
	case !d.hasWeekday || d.falls(next):
		return next, nil, nil
	case !before.IsZero() && d.falls(before):
		return time.Time{}, nil, &PastError{At: now.said(before, c), hasClock: c != nil}
	}
	return time.Time{}, nil, now.weekdayError(next, d.weekday, c)
}

// named is a weekday alone.
type named struct {
	weekday time.Weekday
	which   which
}

func (d named) falls(on time.Time) bool { return d.weekday == on.Weekday() }

func (d named) days(now present, c *clock) (time.Time, []time.Time, error) {
	monday := plusDays(now.today, -(int(now.today.Weekday())+6)%7)
	inThisWeek := plusDays(monday, (int(d.weekday)+6)%7)
	next := plusDays(inThisWeek, 7) // the first one strictly after today
	if inThisWeek.After(now.today) {
		next = inThisWeek
	}
	isToday := inThisWeek.Equal(now.today)
	switch d.which {
	case this:
		switch {
		case !isToday:
			return next, nil, nil
		case now.passed(now.today, c):
			return time.Time{}, nil, &PastError{At: now.said(now.today, c), Next: now.said(next, c), hasClock: c != nil}
		}
		return now.today, nil, nil
	case following:
		switch {
		case next.Equal(inThisWeek):
			return plusDays(next, 7), []time.Time{next}, nil
		case next.Equal(plusDays(now.today, 1)): // on a Sunday: tomorrow
			return next, []time.Time{plusDays(next, 7)}, nil
		}
		return next, nil, nil
	case inEight, inFifteen:
		day := plusDays(next, 7*int(d.which-inEight+1))
		if isToday {
			return day, []time.Time{plusDays(day, -7)}, nil
		}
		return day, nil, nil
	case thisWeek:
		return inThisWeek, nil, nil
	case nextWeek:
		return plusDays(inThisWeek, 7), nil, nil
	case last:
		if inThisWeek.Before(now.today) {
			return inThisWeek, nil, nil
		}
		return plusDays(inThisWeek, -7), nil, nil
	}
	if isToday {
		return next, []time.Time{now.today}, nil
	}
	return next, nil, nil
}

// ahead is a day counted from today.
type ahead struct {
	count, months int // days, or months
	orElse        int // how many more days it may be instead; 0: there is no doubt
}

func (d ahead) from(day time.Time) time.Time {
	if d.months > 0 {
		// The 31st of a shorter month is its last day.
		first := date(day.Year(), day.Month()+time.Month(d.months), 1)
		return plusDays(first, min(day.Day(), plusDays(first.AddDate(0, 1, 0), -1).Day())-1)
	}
	return plusDays(day, d.count)
}

func (d ahead) falls(time.Time) bool { return false }

func (d ahead) days(now present, _ *clock) (time.Time, []time.Time, error) {
	day := d.from(now.today)
	if d.orElse != 0 {
		return day, []time.Time{plusDays(day, d.orElse)}, nil
	}
	return day, nil, nil
}

// twice is a day named from today and then again.
type twice struct {
	first, again         daySpec
	firstText, againText string
}

func (d twice) falls(on time.Time) bool { return d.again.falls(on) }

func (d twice) days(now present, c *clock) (time.Time, []time.Time, error) {
	day, _, err := d.first.days(now, c)
	if err != nil || d.again.falls(day) {
		return day, nil, err
	}
	if n, ok := d.again.(named); ok {
		return time.Time{}, nil, now.weekdayError(day, n.weekday, c)
	}
	return time.Time{}, nil, &ConflictError{Date: now.said(day, c), First: d.firstText, Again: d.againText}
}

// tuesdayOrMarch is “mar 12”: a Tuesday in French if the twelfth that comes is one, else the twelfth of March in
// English.
type tuesdayOrMarch struct{ tuesday, march daySpec }

func (d tuesdayOrMarch) falls(on time.Time) bool { return d.tuesday.falls(on) || d.march.falls(on) }

func (d tuesdayOrMarch) days(now present, c *clock) (time.Time, []time.Time, error) {
	march, _, err := d.march.days(now, c)
	tuesday, _, errFR := d.tuesday.days(now, c)
	switch {
	case errFR != nil:
		return march, nil, err
	case err != nil || tuesday.Equal(march):
		return tuesday, nil, nil
	}
	return tuesday, []time.Time{march}, nil
}

// weekdayError is for a weekday that does not go with its day.
func (now present) weekdayError(day time.Time, weekday time.Weekday, c *clock) error {
	off := (int(weekday-day.Weekday())+7+3)%7 - 3 // from -3 to 3
	return &WeekdayError{Date: now.said(day, c), Weekday: weekday, Nearest: now.said(plusDays(day, off), c)}
}

// on finds the moments of a day at which clocks show c: one; or two, when they are put back over it; or none and the
// gap, when they are put forward.
func (c clock) on(day time.Time, zone *time.Location) ([]time.Time, *SkippedError) {
	if c.nextDay {
		day = plusDays(day, 1)
	}
	in := zone
	if c.zone != nil {
		in = c.zone
	}
	wall := time.Date(day.Year(), day.Month(), day.Day(), c.hour, c.minute, c.second, c.nano, time.UTC)
	var times []time.Time
	offset := func(t time.Time) time.Duration {
		_, seconds := t.In(in).Zone()
		return time.Duration(seconds) * time.Second
	}
	before, after := offset(wall.AddDate(0, 0, -1)), offset(wall.AddDate(0, 0, 1))
	for _, o := range []time.Duration{before, after} {
		if t := wall.Add(-o); offset(t) == o {
			times = append(times, t.In(zone))
		}
	}
	if len(times) > 0 {
		return slices.CompactFunc(times, time.Time.Equal), nil
	}
	from, _ := wall.Add(-before).In(in).ZoneBounds()
	return nil, &SkippedError{
		Hour: wall, From: from.In(time.FixedZone("", int(before/time.Second))), To: from.In(zone),
	}
}
