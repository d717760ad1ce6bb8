package dates

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// Reading is a date that was read at the beginning of a text.
type Reading struct {
	At       time.Time // in the zone given
	HasClock bool      // an hour was written; without, At is the beginning of the day
	Rest     string    // what follows, trimmed

	// Alternatives are the other times that the words may mean to a French or English reader, the earliest first. Where
	// there are any, ask.
	Alternatives []time.Time
}

// Parse reads the date, and the hour if there is one, at the beginning of text, in French or English. The hour may
// stand before the date. It reads days and hours as people write them, and takes these sides:
//
//   - In digits the day comes before the month (1/12 is 1 December), in English too, unless the year is first.
//   - Without a year it is the next such date: today counts, unless the hour has passed. One that passed in the last
//     thirty days is a [PastError], since next year is hardly meant; a weekday that goes with next year settles it.
//     29 February means the February that comes, and may not exist.
//   - A day of the month alone (“mardi 12”, “le 12 à 14h”) is the next month's that has one.
//   - A weekday alone is the next one strictly after today. When that is in a week and today bears the same name, today
//     is an alternative.
//   - “mardi prochain”, “next Tuesday”: if the next Tuesday lies in the current week (from Monday to Sunday), the one of
//     the week after, with the nearer as an alternative; otherwise the next. Said on a Sunday of the Monday, it is
//     tomorrow, with the week after as an alternative.
//   - “ce jeudi”, “this Thursday”: the next one, today included.
//   - “lundi en huit”: a week after the next Monday. Said on a Monday, today in a week is an alternative.
//   - “dans huit jours”, “dans quinze jours”, “une quinzaine” are 8 and 15 days, with 7 and 14 as alternatives.
//   - “dans un mois” is the same day of the month, or the last day of a shorter one.
//   - “minuit”, “midnight” is the end of the day named, “0h” and “12 am” its beginning; the other is an alternative,
//     save for “0h” and “ce soir à minuit”. “24h” is the end.
//   - “mar 12” is Tuesday the 12th if the 12th that comes is one, with 12 March as an alternative; otherwise 12 March.
//   - Of an hour that clocks show twice, the first; the second is an alternative.
//   - Minutes apart from “14h” and before a word (“14h 30 candidats”) are left in Rest, with 14:30 as an alternative;
//     in “14 h 30 Titre”, spaced as typographers do, they are minutes.
//   - Hours that are not exact (“vers 14h”, “ce soir”, “14h-16h”) are refused with an [InexactError].
//
// Weekdays and months may be cut after three letters or more, and in longer names one letter may be wrong. A date
// further than ten years away is read only where its year is written.
//
// Where no date begins the text, the error is [ErrNoDate]. Any other is one of the types of this package; [Explain]
// puts it into words. A date with its year is read even when it has passed: [Questions] tells.
func Parse(text string, now time.Time, zone *time.Location) (Reading, error) {
	text = strings.TrimSpace(text)
	p := &parser{text: text, toks: lex(text), now: newPresent(now, zone)}
	if d, ok := p.day(0, false); ok {
		if r, err := p.dayFirst(d); err != ErrNoDate {
			return r, err
		}
	}
	return p.hourFirst()
}

// hour reads the hour that may follow a day, with what joins them.
func (p *parser) hour(i int, iso bool) []clockRead {
	if iso && p.is(i, "t") && p.glued(i) && p.glued(i+1) {
		return p.clocks(i+1, true)
	}
	return p.clocks(p.joint(i), iso)
}

func (p *parser) joint(i int) int {
	return p.skip(i, ",", "-", "a", "at", "@", "de", "from", "pour", "for", "(", ":")
}

// dayFirst reads the hour after the day d.
func (p *parser) dayFirst(d dayRead) (Reading, error) {
	if d.daySpec == nil {
		return Reading{At: d.instant, HasClock: true, Rest: p.rest(d.next)}, nil
	}
	reads := p.hour(d.next, d.iso)
	if len(reads) == 0 {
		about, ok := p.about(p.joint(d.next))
		switch {
		case ok:
			return Reading{}, &InexactError{Text: p.source(p.joint(d.next), about)}
		case d.in != anyPart && p.ends(d.next):
			return Reading{}, &InexactError{Text: p.source(0, d.next)}
		case !p.ends(d.next):
			return Reading{}, ErrNoDate
		}
		return p.reading(d, nil, d.next)
	}
	c := reads[0]
	if err := p.exact(p.joint(d.next), c.next); err != nil {
		return Reading{}, err
	}
	next := c.next
	if p.is(p.joint(d.next)-1, "(") {
		next = p.skip(next, ")")
	}
	return p.reading(d, &c.clock, next)
}

// hourFirst reads an hour and then its day.
func (p *parser) hourFirst() (Reading, error) {
	i := p.skip(0, "a", "at", "@", "de", "from")
	dayAfter := func(j int) (dayRead, bool) {
		d, ok := p.day(p.skip(j, ",", "-"), true)
		return d, ok && d.daySpec != nil
	}
	if j, ok := p.about(i); ok {
		if _, ok := dayAfter(j); ok {
			return Reading{}, &InexactError{Text: p.source(i, j)}
		}
	}
	reads := p.clocks(i, false)
	// “14 h 12 mar” is rather 12 March than a Tuesday at 14:12.
	if len(reads) == 2 {
		first, _ := dayAfter(reads[0].next)
		second, ok := dayAfter(reads[1].next)
		if first.abridged && ok && !second.abridged {
			slices.Reverse(reads)
		}
	}
	for _, c := range reads {
		if p.another(c.next) {
			for _, to := range p.bareClocks(c.next + 1) {
				if _, ok := dayAfter(to.next); ok {
					return Reading{}, &InexactError{Text: p.source(i, to.next)}
				}
			}
			continue
		}
		d, ok := dayAfter(c.next)
		if !ok || !p.ends(d.next) {
			continue
		}
		if more := p.hour(d.next, false); len(more) > 0 {
			return Reading{}, &InexactError{Text: p.source(i, more[0].next)}
		}
		c.loose = nil // what follows is the day
		return p.reading(d, &c.clock, d.next)
	}
	return Reading{}, ErrNoDate
}

// exact refuses an hour, read from i up to next, that another follows or that is said to be approximate.
func (p *parser) exact(i, next int) error {
	switch {
	case p.is(next, "environ", "approximativement"):
		return &InexactError{Text: p.source(i, next+1)}
	case p.another(next):
		return &InexactError{Text: p.source(i, p.bareClocks(next + 1)[0].next)}
	}
	return nil
}

// reading puts a day and its hour together.
func (p *parser) reading(d dayRead, c *clock, next int) (Reading, error) {
	if c != nil {
		c.apply(d.in)
	}
	known := c
	if c != nil && c.bad {
		known = nil
	}
	day, others, err := d.days(p.now, known)
	if err != nil {
		return Reading{}, err
	}
	r := Reading{HasClock: c != nil, Rest: p.rest(next)}
	if c == nil {
		r.At = p.now.start(day)
		for _, o := range others {
			r.Alternatives = append(r.Alternatives, p.now.start(o))
		}
		return r, nil
	}
	if c.bad {
		return Reading{}, &HourError{Text: c.text}
	}
	times, gap := c.on(day, p.now.at.Location())
	if gap != nil {
		return Reading{}, gap
	}
	r.At = times[0]
	also := func(day time.Time, c clock) {
		times, _ := c.on(day, p.now.at.Location())
		r.Alternatives = append(r.Alternatives, times...)
	}
	for _, o := range others {
		also(o, *c)
	}
	if c.midnight {
		other := *c
		other.nextDay = !c.nextDay
		also(day, other)
	}
	if c.loose != nil {
		other := *c.loose
		other.apply(d.in)
		also(day, other)
	}
	r.Alternatives = append(r.Alternatives, times[1:]...)
	slices.SortFunc(r.Alternatives, time.Time.Compare)
	// Nobody who means what is to come means what has passed.
	r.Alternatives = slices.DeleteFunc(r.Alternatives, func(t time.Time) bool {
		return t.Equal(r.At) || t.Before(p.now.at) && r.At.After(p.now.at)
	})
	if len(r.Alternatives) == 0 {
		r.Alternatives = nil
	}
	return r, nil
}

// rest is the text from the token at i on, without the mark that joins it to the date.
func (p *parser) rest(i int) string {
	rest := trimLeft(p.text[p.tok(i).start:])
	for _, joint := range []string{",", ";", ":", ".", "-", "–", "—"} {
		if after, ok := strings.CutPrefix(rest, joint); ok && after != trimLeft(after) || after == "" {
			return trimLeft(after)
		}
	}
	return rest
}

func trimLeft(s string) string {
	return strings.TrimLeftFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
}
