package dates

import "time"

// which of the weekdays of one name.
type which int8

const (
	coming    which = iota // “mardi”
	this                   // “ce mardi”
	following              // “mardi prochain”
	inEight                // “mardi en huit”
	inFifteen              // “mardi en quinze”
	thisWeek               // “mardi de cette semaine”
	nextWeek               // “mardi de la semaine prochaine”
	last                   // “mardi dernier”
)

var afterWeekday = [...][]string{
	coming:    {"qui vient"},
	following: {"prochain"},
	inEight:   {"en huit", "en 8"},
	inFifteen: {"en quinze", "en 15"},
	thisWeek:  {"de cette semaine", "cette semaine", "of this week", "this week"},
	nextWeek: {"de la semaine prochaine", "la semaine prochaine", "semaine prochaine",
		"of next week", "next week"},
	last: {"dernier", "passe"},
}

// onWeekday reads a weekday, alone or with the date that falls on it.
func (p *parser) onWeekday(i int, afterHour bool) (dayRead, bool) {
	r := named{}
	bound := false // something else says that this is a weekday: “mon”, “jeu”, “sam” are words and names of their own
	switch {
	case p.is(i, "ce", "this"):
		r.which = this
	case p.is(i, "next"):
		r.which, bound = following, true
	case p.is(i, "last"):
		r.which, bound = last, true
	}
	if r.which != coming {
		i++
	}
	weekday, f := weekdayOf(p.tok(i).text)
	if p.tok(i).kind != word || f == none {
		return dayRead{}, false
	}
	r.weekday = weekday
	j := i + 1
	if p.is(j, ".") && p.glued(j) {
		j++
	}
	bound = bound || f != short
	if d, ok := p.dateOfWeekday(j, weekday, afterHour); ok {
		return d, true
	}
	for w, phrases := range afterWeekday {
		if k, ok := p.phrase(j, phrases...); ok {
			r.which, bound, j = which(w), true, k
			if d, ok := p.dateOfWeekday(j, weekday, true); ok {
				return d, true
			}
			break
		}
	}
	if !bound && !p.stops(j) {
		return dayRead{}, false
	}
	return dayRead{daySpec: r, abridged: f == short, next: j}, true
}

// dateOfWeekday reads the date that falls on the weekday before i.
func (p *parser) dateOfWeekday(i int, weekday time.Weekday, afterHour bool) (dayRead, bool) {
	k := p.skip(i, ",", "le", "the")
	if p.glued(k) && k == i && !p.is(k-1, ".") {
		return dayRead{}, false
	}
	d, ok := p.dated(k)
	if r, dates := d.daySpec.(dated); ok && dates {
		r.weekday, r.hasWeekday = weekday, true
		d.daySpec = r
		return d, true
	}
	return p.ofMonth(k, ofMonth{weekday: weekday, hasWeekday: true}, true, afterHour)
}

// stops tells whether nothing follows but an hour, so that what was read is not the beginning of a title.
func (p *parser) stops(i int) bool {
	if _, about := p.about(i); about || p.tok(i).kind == end || len(p.hour(i, false)) > 0 {
		return true
	}
	_, in := p.part(i)
	return in != anyPart
}

// ofMonth reads the day of a month that is not named, into r: “mardi 1er”, “le 12 à 14h”. A number followed by a word
// counts things, unless it is the day that comes: “mardi 12 candidats”.
func (p *parser) ofMonth(i int, r ofMonth, allowed, afterHour bool) (dayRead, bool) {
	n, ordinal, j, ok := p.dayNumber(i)
	if !allowed || !ok || p.tok(i).kind != number && ordinal == "" || !p.ends(j) ||
		ordinal == "" && len(p.clocks(i, false)) > 0 {
		return dayRead{}, false
	}
	r.day = n
	counts := !p.stops(j) && !p.is(j, ",", ";", "~", "#", "-", "(", ":", ".")
	if counts {
		switch {
		case !r.hasWeekday:
			return dayRead{}, false
		case afterHour:
		default:
			if _, _, err := r.days(p.now, nil); err != nil {
				return dayRead{}, false
			}
		}
	}
	return dayRead{daySpec: r, next: j}, true
}

// longest is how far ahead, in years, a number of days or months may lead.
const longest = 10

// ahead reads “dans 15 jours”, “in two weeks”, “dans 2 h”.
func (p *parser) ahead(i int) (dayRead, bool) {
	french := p.is(i, "dans")
	if !french && !p.is(i, "in") {
		return dayRead{}, false
	}
	i++
	after := func(minutes, next int) (dayRead, bool) {
		at := p.now.at.Add(time.Duration(minutes) * time.Minute).Truncate(time.Minute)
		return dayRead{instant: at, next: next}, p.ends(next)
	}
	for minutes, phrases := range map[int][]string{
		15: {"un quart d'heure", "a quarter of an hour"},
		30: {"une demi heure", "half an hour"},
		45: {"trois quarts d'heure"},
	} {
		if j, ok := p.phrase(i, phrases...); ok {
			return after(minutes, j)
		}
	}
	n, digits, j, ok := p.number(i)
	if p.is(i, "a", "an") {
		n, j, ok = 1, i+1, true
	}
	if !ok || digits > 3 {
		return dayRead{}, false
	}
	r := ahead{}
	switch unit := p.tok(j).text; unit {
	case "h", "heure", "heures", "hour", "hours", "hr", "hrs":
		n *= 60
		if half, ok := p.phrase(j+1, "et demie", "et demi", "and a half"); ok {
			return after(n+30, half)
		} else if t := p.tok(j + 1); unit == "h" && t.kind == number && !t.space {
			if len(t.text) != 2 || t.n > 59 {
				return dayRead{}, false
			}
			return after(n+t.n, p.skip(j+2, "min", "mn"))
		}
		return after(n, j+1)
	case "min", "mins", "mn", "minute", "minutes":
		return after(n, j+1)
	case "j", "jr", "jrs", "jour", "jours", "day", "days":
		r.count = n
		// To many, eight days are a week and fifteen are two.
		if french && (n == 8 || n == 15) {
			r.orElse = -1
		}
	case "huitaine":
		r.count, r.orElse = 8*n, -n
	case "quinzaine":
		r.count, r.orElse = 15*n, -n
	case "semaine", "semaines", "sem", "week", "weeks", "wk", "wks":
		r.count = 7 * n
	case "fortnight", "fortnights":
		r.count = 14 * n
	case "mois", "month", "months":
		r.months = n
	default:
		return dayRead{}, false
	}
	j++
	if k, ok := p.phrase(j, "de jours", "time", "' time"); ok {
		j = k
	}
	d := dayRead{daySpec: r, next: j}
	if day := r.from(p.now.today); day.After(p.now.today.AddDate(longest, 0, 0)) {
		return dayRead{}, false
	}
	return d, true
}
