package faq

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Marshal writes f as a FAQ file: Parse reads the same FAQ back. Comments that its file had are lost.
func Marshal(f *FAQ) []byte {
	w := &writer{language: f.Language}
	w.field("", "id", f.ID)
	w.text("", "title", f.Title)
	w.field("", "language", f.Language)
	w.field("", "address", f.Address)
	if f.Zone != nil {
		w.field("", "timezone", f.Zone.String())
	}
	for _, m := range []struct {
		key string
		at  time.Time
	}{{"opens", f.Opens}, {"closes", f.Closes}, {"starts", f.Starts}} {
		w.field("", m.key, moment(m.key, m.at, f.Zone))
	}
	if f.DecisionDays > 0 {
		w.field("", "decision_days", strconv.Itoa(f.DecisionDays))
	}
	w.field("", "contact", f.Contact)
	w.field("", "apply", f.Apply)
	w.field("", "source", f.Source)
	w.b.WriteString("\nentries:\n")
	for i := range f.Entries {
		if i > 0 {
			w.b.WriteString("\n")
		}
		w.entry(&f.Entries[i])
	}
	return w.b.Bytes()
}

func moment(key string, t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	if zone != nil {
		t = t.In(zone)
	}
	switch {
	case t.Second() != 0:
		return t.Format("2006-01-02T15:04:05")
	case key != "closes" && t.Hour() == 0 && t.Minute() == 0:
		return t.Format("2006-01-02")
	default:
		return t.Format("2006-01-02T15:04")
	}
}

type writer struct {
	b        bytes.Buffer
	language string
}

func (w *writer) entry(e *Entry) {
	const in = "    "
	w.b.WriteString("  - id: " + scalarOf(e.ID) + "\n")
	w.list(in, "topics", e.Topics)
	if !reflect.DeepEqual(e.Title, e.Question) {
		w.text(in, "title", e.Title)
	}
	w.text(in, "question", e.Question)
	w.text(in, "answer", e.Answer)
	w.text(in, "closed", e.Closed)
	if e.Applying {
		w.field(in, "applying", "true")
	}
	w.field(in, "source", e.Source)
	w.list(in, "see", e.See)
	w.phrasings(in, e.Phrasings)
}

// field writes “name: value”, and nothing for what is empty.
func (w *writer) field(in, name, value string) {
	if value != "" {
		fmt.Fprintf(&w.b, "%s%s: %s\n", in, name, scalarOf(value))
	}
}

// list writes a short list on one line.
func (w *writer) list(in, name string, items []string) {
	if len(items) == 0 {
		return
	}
	quoted := make([]string, len(items))
	for i, s := range items {
		quoted[i] = scalarOf(s)
	}
	fmt.Fprintf(&w.b, "%s%s: [%s]\n", in, name, strings.Join(quoted, ", "))
}

// text writes what people read: by language, or alone where there is only the FAQ's own.
func (w *writer) text(in, name string, t Text) {
	if len(t) == 0 {
		return
	}
	if s, own := t[w.language]; own && len(t) == 1 {
		w.long(in, name, s)
		return
	}
	fmt.Fprintf(&w.b, "%s%s:\n", in, name)
	for _, lang := range languages {
		if s, ok := t[lang]; ok {
			w.long(in+"  ", lang, s)
		}
	}
}

// long writes a text of several lines as it reads, and any other one on its line.
func (w *writer) long(in, name, s string) {
	if !strings.Contains(s, "\n") || !readable(s) {
		fmt.Fprintf(&w.b, "%s%s: %s\n", in, name, scalarOf(s))
		return
	}
	fmt.Fprintf(&w.b, "%s%s: |\n", in, name)
	for l := range strings.Lines(s) {
		if l = strings.TrimRight(l, "\n"); l != "" {
			w.b.WriteString(in + "  " + l)
		}
		w.b.WriteString("\n")
	}
}

func (w *writer) phrasings(in string, p map[string][]string) {
	var langs []string
	for _, lang := range languages {
		if len(p[lang]) > 0 {
			langs = append(langs, lang)
		}
	}
	if len(langs) == 0 {
		return
	}
	fmt.Fprintf(&w.b, "%sphrasings:\n", in)
	for _, lang := range langs {
		items := in + "  "
		if len(langs) > 1 || lang != w.language {
			fmt.Fprintf(&w.b, "%s  %s:\n", in, lang)
			items += "  "
		}
		for _, s := range p[lang] {
			fmt.Fprintf(&w.b, "%s- %s\n", items, scalarOf(s))
		}
	}
}

// readable reports whether a text of several lines can stand as it is: no line begins or ends with a space, and it
// holds nothing that YAML would take for something else.
func readable(s string) bool {
	if strings.TrimSpace(s) != s {
		return false
	}
	for l := range strings.Lines(s) {
		l = strings.TrimRight(l, "\n")
		if strings.TrimSpace(l) != l {
			return false
		}
	}
	return strings.IndexFunc(s, func(r rune) bool { return r != '\n' && special(r) }) < 0
}

// plainScalar is what certainly means itself without quotation marks.
var plainScalar = regexp.MustCompile(`^[\p{L}][\p{L}\p{N} ’«»()+/,;.!?-]*$`)

// words that YAML reads as something else than a text.
var yamlWords = map[string]bool{"true": true, "false": true, "null": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true}

func scalarOf(s string) string {
	if plainScalar.MatchString(s) && strings.TrimSpace(s) == s && !strings.ContainsAny(s, ",") && !yamlWords[strings.ToLower(s)] {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case special(r) && r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		case special(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// special reports whether a character must be written by its number: what does not show, or ends a line.
func special(r rune) bool {
	return r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff || r == 0xfffd
}
