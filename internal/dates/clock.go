package dates

import "time"

// part is a part of the day, which says whether “8h” is 8 or 20.
type part int8

const (
	anyPart part = iota
	morning
	afternoon
	evening
)

// ofThe says a part of the day after an hour.
var ofThe = [...][]string{
	morning:   {"du matin", "du mat", "in the morning"},
	afternoon: {"de l'apres midi", "de l'aprem", "in the afternoon"},
	evening:   {"du soir", "in the evening"},
}

// clock is an hour as it was written.
type clock struct {
	hour, minute, second, nano int
	nextDay                    bool           // “24h”, “minuit”: the end of the day that is named
	midnight                   bool           // which end of the day is meant is open
	zone                       *time.Location // written beside the hour; nil: the campaign's
	bad                        bool           // there is no such hour
	text                       string         // as it was written
	loose                      *clock         // the other reading of “14h 30 Titre”, whose minutes are apart
}

// clockRead is one way to read the hour that stands somewhere.
type clockRead struct {
	clock
	next int
}

// clocks reads the hour at i in all the ways in which it can end, the best first: “14 h 12 décembre” begins with 14:12,
// unless the 12 proves to be a day. After an ISO date it also reads the offset from UTC.
func (p *parser) clocks(i int, iso bool) []clockRead {
	var reads []clockRead
	for _, r := range p.bareClocks(i) {
		j := p.suffix(&r.clock, r.next)
		if iso {
			j = p.offset(&r.clock, j, p.is(i-1, "t"))
		}
		if !p.ends(j) && !p.another(j) {
			continue
		}
		r.settle()
		r.text, r.next = p.source(i, j), j
		reads = append(reads, r)
	}
	return reads
}

// bareClocks reads hours and minutes, and what they cannot do without.
func (p *parser) bareClocks(i int) []clockRead {
	if p.tok(i).n == 12 && p.is(i+1, "noon", "midnight") {
		i++
	}
	switch {
	case p.is(i, "midi", "noon", "midday"):
		return p.minutes(clock{hour: 12}, i+1, true)
	case p.is(i, "minuit", "midnight"):
		return p.minutes(clock{nextDay: true, midnight: true}, i+1, true)
	}
	h, digits, j, ok := p.number(i)
	if !ok || digits > 2 {
		return nil
	}
	c := clock{hour: h}
	switch {
	case p.is(j, "h", "heure", "heures"):
		if _, hour := p.phrase(j+1, ofThe[afternoon]...); !hour && p.is(j+1, "de") {
			return nil // “2 heures de jury” is how long
		}
		return p.minutes(c, j+1, p.tok(j).space || p.tok(j).text != "h")
	case digits > 0 && p.is(j, ":", ".") && p.glued(j) && p.twoDigits(j+1):
		dotted := p.is(j, ".")
		c.minute = p.tok(j + 1).n
		j = p.seconds(&c, j+2)
		k, half := p.halves(&c, j)
		if dotted && !half {
			return nil // “2.30” may be anything
		}
		return []clockRead{{c, k}}
	}
	if k, ok := p.halves(&c, j); ok {
		return []clockRead{{c, k}}
	}
	return nil
}

// minutes reads what follows “14 h” from i on. spaced tells that the writer leaves spaces, as typographers do.
func (p *parser) minutes(c clock, i int, spaced bool) []clockRead {
	whole := clockRead{c, i}
	with := func(m, next int) clockRead {
		long := c
		long.minute = m
		return clockRead{long, next}
	}
	t := p.tok(i)
	switch {
	case t.kind == number && !t.space:
		r := with(t.n, p.skip(i+1, "min", "mn", "m"))
		r.bad = len(t.text) != 2
		return []clockRead{r}
	case t.kind == number && len(t.text) == 2 && !p.is(i+1, ":", "/"):
		j := p.skip(i+1, "min", "mn", "m", "minutes")
		r := with(t.n, j)
		var ignored clock
		counts := j == i+1 && p.tok(j).kind == word && p.suffix(&ignored, j) == j // “14h 12 candidats”
		switch {
		case counts && t.n > 59:
			return []clockRead{whole}
		case counts && !spaced:
			whole.loose = &r.clock
			return []clockRead{whole, r}
		}
		return []clockRead{r, whole}
	}
	if j, ok := p.phrase(i, "et demie", "et demi"); ok {
		return []clockRead{with(30, j)}
	}
	if j, ok := p.phrase(i, "et quart"); ok {
		return []clockRead{with(15, j)}
	}
	before := 0 // minutes before the hour
	if j, ok := p.phrase(i, "moins le quart", "moins quart"); ok {
		before, i = 15, j
	} else if p.is(i, "moins") {
		if m, _, j, ok := p.number(i + 1); ok && 0 < m && m < 60 {
			before, i = m, j
		}
	}
	if before > 0 {
		r := with(60-before, i)
		r.midnight, r.nextDay = false, false
		r.hour = (r.hour + 23) % 24
		return []clockRead{r}
	}
	// In words, only round minutes: “dix heures douze candidats”.
	if m, digits, j, ok := p.number(i); ok && digits == 0 && m > 0 && m%5 == 0 {
		return []clockRead{with(m, p.skip(j, "minutes")), whole}
	}
	return []clockRead{whole}
}

func (p *parser) seconds(c *clock, i int) (next int) {
	if !p.is(i, ":") || !p.glued(i) || !p.twoDigits(i+1) {
		return i
	}
	c.second = p.tok(i + 1).n
	i += 2
	if t := p.tok(i + 1); p.is(i, ".") && p.glued(i) && t.kind == number && !t.space {
		c.nano = value((t.text + "00000000")[:9])
		i += 2
	}
	return i
}

// halves reads “am” and “pm”.
func (p *parser) halves(c *clock, i int) (next int, ok bool) {
	var pm bool
	if j, ok := p.phrase(i, "am", "a . m"); ok {
		next = j
	} else if j, ok := p.phrase(i, "pm", "p . m"); ok {
		next, pm = j, true
	} else {
		return i, false
	}
	if p.is(next-1, "m") && p.is(next, ".") {
		next++
	}
	c.bad = c.bad || c.hour < 1 || c.hour > 12
	c.midnight = c.hour == 12 && !pm
	c.hour %= 12
	if pm {
		c.hour += 12
	}
	return next, true
}

// suffix reads what may follow an hour in any language.
func (p *parser) suffix(c *clock, i int) (next int) {
	for in, phrases := range ofThe {
		if j, ok := p.phrase(i, phrases...); ok {
			c.apply(part(in))
			i = j
			break
		}
	}
	i = p.skip(i, "pile", "precise", "precises", "sharp")
	if p.is(i, "utc", "gmt") {
		c.zone = time.UTC
		i++
	}
	return i
}

// offset reads “Z”, “+01:00” or “-0500” after an ISO date and hour. strict is the form with a T; without, “9:00-10:00”
// is a span of time.
func (p *parser) offset(c *clock, i int, strict bool) (next int) {
	if p.is(i, "z") && p.glued(i) {
		c.zone = time.UTC
		return i + 1
	}
	t := p.tok(i + 1)
	if !p.is(i, "+", "-") || t.kind != number || t.space {
		return i
	}
	var h, m, j int
	switch {
	case len(t.text) == 4:
		h, m, j = t.n/100, t.n%100, i+2
	case len(t.text) == 2 && p.is(i+2, ":") && p.glued(i+2) && p.twoDigits(i+3):
		h, m, j = t.n, p.tok(i+3).n, i+4
		if p.is(i, "-") && !strict && 60*h+m > 60*c.hour+c.minute {
			return i
		}
	case len(t.text) == 2 && strict:
		h, j = t.n, i+2
	default:
		return i
	}
	if h > 14 || m > 59 {
		return i
	}
	seconds := 3600*h + 60*m
	if p.is(i, "-") {
		seconds = -seconds
	}
	c.zone = time.FixedZone("", seconds)
	return j
}

// another tells whether a second hour follows, so that none is exact: “14h-16h”, “14h ou 15h”.
func (p *parser) another(i int) bool {
	return p.is(i, "-", "/", "a", "ou", "or", "et", "and", "to", "until", "jusqu'a") && len(p.bareClocks(i+1)) > 0
}

// about reads an hour that is not meant to be exact: “vers 14h”, “entre 14 et 16h”.
func (p *parser) about(i int) (next int, ok bool) {
	j, ok := p.phrase(i, "vers", "environ", "autour de", "aux environs de", "aux alentours de", "a partir de", "des",
		"avant", "apres", "entre", "around", "about", "between", "before", "after")
	if !ok {
		return i, false
	}
	if p.is(j, "les", "a", "at") {
		j++
	}
	if _, _, k, ok := p.number(j); ok && p.is(k, "et", "and") {
		j = k + 1
	}
	if reads := p.bareClocks(j); len(reads) > 0 {
		return reads[0].next, true
	}
	return i, false
}

// twoDigits tells whether the token at i is a number of two digits that touches the one before.
func (p *parser) twoDigits(i int) bool {
	t := p.tok(i)
	return t.kind == number && !t.space && len(t.text) == 2
}

// apply moves the hour into a part of the day.
func (c *clock) apply(in part) {
	first, last := 0, 23 // of the hours that lie there on a dial of 24
	switch in {
	case anyPart:
		return
	case morning:
		last = 11
	case afternoon:
		first, last = 12, 19
	case evening:
		first = 16
		if c.nextDay { // “ce soir à minuit”
			c.midnight = false
			return
		}
	}
	if c.hour < 12 && in != morning {
		c.hour += 12
	}
	c.bad = c.bad || c.hour < first || c.hour > last
}

// settle finds whether there is such an hour. 24:00 is the end of the day, as in ISO 8601.
func (c *clock) settle() {
	if c.hour == 24 && c.minute == 0 && c.second == 0 && c.nano == 0 {
		c.hour, c.nextDay = 0, true
	}
	c.bad = c.bad || c.hour > 23 || c.minute > 59 || c.second > 59
}
