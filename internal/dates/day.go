package dates

import "time"

// dayRead is a day that was read, with what was said about it.
type dayRead struct {
	daySpec
	instant  time.Time // “dans 2 h”: the hour is known as well, and daySpec is nil
	in       part      // “demain soir”
	iso      bool      // year first, in digits
	abridged bool      // no more than a weekday cut short
	next     int
}

// day reads a day at i. afterHour tells that an hour stands before it.
func (p *parser) day(i int, afterHour bool) (dayRead, bool) {
	d, ok := p.relative(i)
	if !ok {
		d, ok = p.ahead(i)
	}
	if ok {
		return d, true
	}
	j := p.skip(i, "le", "on", "the")
	for _, read := range []func(int) (dayRead, bool){
		p.dated,
		func(k int) (dayRead, bool) { return p.onWeekday(k, afterHour) },
		func(k int) (dayRead, bool) {
			return p.ofMonth(k, ofMonth{}, p.is(k-1, "le", "the"), afterHour)
		},
	} {
		if d, ok := read(j); ok {
			d.next, d.in = p.part(d.next)
			return d, true
		}
	}
	return dayRead{}, false
}

// part reads a part of the day after a day.
func (p *parser) part(i int) (next int, in part) {
	for in, phrases := range ofDay {
		if j, ok := p.phrase(i, phrases...); ok {
			return j, part(in)
		}
	}
	return i, anyPart
}

var (
	ofDay = [...][]string{
		morning:   {"matin", "au matin", "morning", "in the morning"},
		afternoon: {"apres midi", "aprem", "afternoon", "in the afternoon"},
		evening:   {"soir", "au soir", "evening", "in the evening", "night"},
	}
	ofToday = [...][]string{
		morning:   {"ce matin", "this morning"},
		afternoon: {"cet apres midi", "cette apres midi", "cet aprem", "this afternoon"},
		evening:   {"ce soir", "tonight", "this evening"},
	}
	fromToday = [...][]string{
		0: {"aujourd'hui", "aujourd hui", "aujourdhui", "auj", "today"},
		1: {"demain", "tomorrow", "tommorow", "tomorow", "tommorrow"},
		2: {"apres demain", "apresdemain", "the day after tomorrow", "day after tomorrow"},
		7: {"d'aujourd'hui en huit", "aujourd'hui en huit"},
		8: {"demain en huit", "de demain en huit"},
	}
)

// relative reads a day named from today, which may be named again: “demain, mardi 1er décembre”.
func (p *parser) relative(i int) (dayRead, bool) {
	for in, phrases := range ofToday {
		if j, ok := p.phrase(i, phrases...); ok {
			return dayRead{daySpec: ahead{}, in: part(in), next: j}, true
		}
	}
	for n := len(fromToday) - 1; n >= 0; n-- {
		j, ok := p.phrase(i, fromToday[n]...)
		if !ok {
			continue
		}
		d := dayRead{daySpec: ahead{count: n}, next: j}
		d.next, d.in = p.part(j)
		k := p.skip(d.next, ",", "(", "le")
		again, ok := p.dated(k)
		if !ok {
			again, ok = p.onWeekday(k, false)
		}
		if ok && p.tok(k).start > p.tok(d.next-1).end {
			d.daySpec = twice{d.daySpec, again.daySpec, p.source(i, j), p.source(k, again.next)}
			d.next = again.next
			if p.is(k-1, "(") {
				d.next = p.skip(d.next, ")")
			}
			if d.in == anyPart {
				d.next, d.in = p.part(d.next)
			}
		}
		return d, true
	}
	return dayRead{}, false
}

// dated reads a day with its month.
func (p *parser) dated(i int) (dayRead, bool) {
	for _, read := range []func(int) (dayRead, bool){p.yearFirst, p.digits, p.dayMonth, p.monthDay} {
		if d, ok := read(i); ok {
			return d, true
		}
	}
	return dayRead{}, false
}

// yearFirst reads “2026-12-01” and “2026/12/01”.
func (p *parser) yearFirst(i int) (dayRead, bool) {
	y, m, d := p.tok(i), p.tok(i+2), p.tok(i+4)
	sep := p.tok(i + 1).text
	if !p.numbers(i, sep) || sep != "-" && sep != "/" || len(y.text) != 4 || len(m.text) > 2 || len(d.text) > 2 {
		return dayRead{}, false
	}
	return dayRead{daySpec: dated{day: d.n, month: time.Month(m.n), year: y.n, hasYear: true}, iso: true, next: i + 5}, true
}

// digits reads “1/12”, “01/12/2026”, “1.12.26”, “1-12-2026”: the day first, always.
func (p *parser) digits(i int) (dayRead, bool) {
	d, m, y := p.tok(i), p.tok(i+2), p.tok(i+4)
	sep := p.tok(i + 1).text
	if d.kind != number || m.kind != number || len(d.text) > 2 || len(m.text) > 2 || m.n < 0 {
		return dayRead{}, false
	}
	r := dated{day: d.n, month: time.Month(m.n), inDigits: true}
	if p.numbers(i, sep) || sep == "/" && p.is(i+3, "/") && y.kind == number && len(y.text) == 4 {
		switch {
		case len(y.text) == 4 && (sep == "/" || sep == "." || sep == "-"):
			r.year = y.n
		case len(y.text) == 2 && (sep == "/" || sep == "."):
			r.year = 2000 + y.n
		default:
			return dayRead{}, false
		}
		r.hasYear = true
		return dayRead{daySpec: r, next: i + 5}, true
	}
	// Without a year a fraction looks the same: “20/20”.
	if sep != "/" || p.tok(i+1).space || m.space || m.n > 12 && (d.n > 12 || m.n > 31) {
		return dayRead{}, false
	}
	return dayRead{daySpec: r, next: i + 3}, p.ends(i + 3)
}

// numbers tells whether three numbers, with sep twice between them, stand at i without any space.
func (p *parser) numbers(i int, sep string) bool {
	for j := i; j <= i+4; j++ {
		if j > i && p.tok(j).space || (j-i)%2 == 0 && p.tok(j).kind != number || (j-i)%2 == 1 && !p.is(j, sep) {
			return false
		}
	}
	return true
}

var ordinals = set("er", "ier", "re", "ere", "e", "eme", "ieme", "st", "nd", "rd", "th")

// dayNumber reads the day of a month, as “1”, “1er”, “3rd”, “premier”, “trois”. ordinal is what is written after it.
func (p *parser) dayNumber(i int) (n int, ordinal string, next int, ok bool) {
	if p.is(i, "premier", "first") {
		return 1, p.tok(i).text, i + 1, true
	}
	n, digits, j, ok := p.number(i)
	if !ok || digits > 2 || digits == 0 && n > 31 {
		return 0, "", i, false
	}
	if t := p.tok(j); digits > 0 && !t.space && ordinals[t.text] {
		return n, t.text, j + 1, true
	}
	return n, "", j, true
}

// dayMonth reads “1er décembre 2026”, “1st of Dec”.
func (p *parser) dayMonth(i int) (dayRead, bool) {
	n, _, j, ok := p.dayNumber(i)
	if !ok {
		return dayRead{}, false
	}
	j = p.skip(j, "of", "de", "-")
	month, f := monthOf(p.tok(j).text)
	if p.tok(j).kind != word || f == none {
		return dayRead{}, false
	}
	j++
	if p.is(j, ".") && p.glued(j) {
		j++
	}
	r := dated{day: n, month: month}
	r.year, j, r.hasYear = p.year(j)
	return dayRead{daySpec: r, next: j}, true
}

// monthDay reads “December 1st, 2026”, as only English has it.
func (p *parser) monthDay(i int) (dayRead, bool) {
	t := p.tok(i)
	month, ok := monthFirst(t.text)
	if t.kind != word || !ok {
		return dayRead{}, false
	}
	j := i + 1
	if p.is(j, ".") && p.glued(j) {
		j++
	}
	k := p.skip(j, "the")
	n, ordinal, next, ok := p.dayNumber(k)
	if !ok || p.tok(k).kind != number || n < 1 || n > 31 || !p.tok(k).space || !p.ends(next) ||
		ordinal == "" && len(p.clocks(k, false)) > 0 {
		return dayRead{}, false
	}
	r := dated{day: n, month: month}
	r.year, next, r.hasYear = p.year(next)
	if t.text != "mar" || r.hasYear || set("st", "nd", "rd", "th")[ordinal] {
		return dayRead{daySpec: r, next: next}, true
	}
	// In French, “mar 1 déc” and “mar 1er” are Tuesdays.
	tuesday, ok := p.onWeekday(i, false)
	if !ok || tuesday.next != next || ordinal != "" {
		return dayRead{}, false
	}
	return dayRead{daySpec: tuesdayOrMarch{tuesday.daySpec, r}, next: next}, true
}

// year reads a year of four digits after a month.
func (p *parser) year(i int) (year, next int, ok bool) {
	j := i
	if p.is(j, ",", "de", "of") || p.is(j, "-") && p.glued(j) && p.glued(j+1) {
		j++
	}
	t := p.tok(j)
	if t.kind != number || len(t.text) != 4 || t.n < 1900 || t.n > 2199 || !p.ends(j+1) {
		return 0, i, false
	}
	return t.n, j + 1, true
}
