package dates

import "time"

// fit says how well a word fits a name.
type fit int8

const (
	none  fit = iota
	short     // the beginning of the name, of three letters or more: “mar”, “sept”
	slip      // one letter wrong, missing, doubled or exchanged: “mecredi”, “febuary”
	exact
)

// name is a weekday or a month in one language, folded.
type name struct {
	text  string
	value int
}

func names(list ...string) []name {
	var out []name
	for i, s := range list {
		out = append(out, name{s, i})
	}
	return out
}

var (
	weekdays = append(
		names("dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"),
		names("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")...)
	englishMonths = names("", "january", "february", "march", "april", "may", "june",
		"july", "august", "september", "october", "november", "december")[1:]
	months = append(
		names("", "janvier", "fevrier", "mars", "avril", "mai", "juin",
			"juillet", "aout", "septembre", "octobre", "novembre", "decembre")[1:],
		englishMonths...)

	// monthsFirst are the short names that may stand before the day, as in “Dec 1”. Others would be read in names of
	// people and things: “Marc 12”.
	monthsFirst = set("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec")
)

func weekdayOf(w string) (time.Weekday, fit) {
	if w == "weds" {
		return time.Wednesday, short
	}
	v, f := lookup(w, weekdays)
	return time.Weekday(v), f
}

func monthOf(w string) (time.Month, fit) {
	v, f := lookup(w, months)
	return time.Month(v), f
}

// monthFirst is monthOf for a name that stands before the day, which only English does.
func monthFirst(w string) (time.Month, bool) {
	v, f := lookup(w, englishMonths)
	return time.Month(v), f == exact || f == slip || f == short && monthsFirst[w]
}

// lookup finds the name that w is, abridges or misspells. A plural is another word: “mardis” is no day. “jui” fits two
// months, and therefore none.
func lookup(w string, names []name) (value int, f fit) {
	if len(w) < 3 {
		return 0, none
	}
	for _, n := range names {
		g := none
		switch {
		case w == n.text:
			return n.value, exact
		case len(w) < len(n.text) && n.text[:len(w)] == w:
			g = short
		case len(w) >= 6 && w != n.text+"s" && w[0] == n.text[0] && oneSlip(w, n.text):
			g = slip
		default:
			continue
		}
		if f != none && n.value != value {
			return 0, none
		}
		value, f = n.value, max(f, g)
	}
	return value, f
}

// oneSlip tells whether a becomes b by one letter added, removed, replaced, or exchanged with its neighbour.
func oneSlip(a, b string) bool {
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return len(a) <= 1 && len(b) <= 1 ||
		len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]
}

func set(words ...string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range words {
		m[w] = true
	}
	return m
}

var (
	units = map[string]int{
		"un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9,
		"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7, "eight": 8, "nine": 9,
	}
	teens = map[string]int{
		"dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16,
		"ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
		"seventeen": 17, "eighteen": 18, "nineteen": 19,
	}
	tens = map[string]int{
		"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50,
		"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
	}
)

// number reads a number up to 59 in words, or in digits. digits is how many digits were written.
func (p *parser) number(i int) (n, digits, next int, ok bool) {
	t := p.tok(i)
	if t.kind == number {
		return t.n, len(t.text), i + 1, true
	}
	if t.kind != word {
		return 0, 0, i, false
	}
	if n, ok := units[t.text]; ok {
		return n, 0, i + 1, true
	}
	if n, ok := teens[t.text]; ok {
		// “dix-sept”, “dix-huit”, “dix-neuf”
		if u, j := p.unit(i + 1); t.text == "dix" && u >= 7 {
			return n + u, 0, j, true
		}
		return n, 0, i + 1, true
	}
	if n, ok := tens[t.text]; ok {
		j := i + 1
		if p.is(j, "-") && p.is(j+1, "et") {
			j++
		}
		if p.is(j, "et") {
			j++
		}
		if u, j := p.unit(j); u > 0 {
			return n + u, 0, j, true
		}
		return n, 0, i + 1, true
	}
	return 0, 0, i, false
}

// unit reads the second part of a number in words, or 0.
func (p *parser) unit(i int) (n, next int) {
	if p.is(i, "-") {
		i++
	}
	if t := p.tok(i); t.kind == word {
		return units[t.text], i + 1
	}
	return 0, i
}
