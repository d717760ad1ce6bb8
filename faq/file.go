package faq

import (
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"

	"candide/internal/dates"
	"candide/internal/fold"
)

// The longest texts, in characters. An answer must be readable at a glance on a phone, and a title must fit a button.
const (
	maxAnswer   = 1500
	maxQuestion = 200
	maxTitle    = 40
	maxPhrasing = 600
	maxEntries  = 10_000
)

var idPattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// placeholder is what looks like one; {{ is left alone.
var placeholder = regexp.MustCompile(`\{([a-zA-Z_]+)\}`)

// Parse reads a FAQ file. name is how its problems call it; topics says which topics exist (nil: any).
// The error is a Problems, with every problem found and its line.
func Parse(name string, src []byte, topics func(id string) bool) (*FAQ, error) {
	r := &reader{file: name}
	root := r.parse(src)
	if root == nil {
		return nil, r.problems
	}
	p := &fileParser{reader: r, topics: topics, f: &FAQ{}}
	p.campaign(root)
	p.entries(root)
	root.done()
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b Problem) int { return a.Line - b.Line })
		return nil, r.problems
	}
	return p.f, nil
}

type fileParser struct {
	*reader
	topics func(id string) bool
	f      *FAQ
}

func (p *fileParser) campaign(root *mapping) {
	f := p.f
	if f.ID = root.str("id"); !idPattern.MatchString(f.ID) {
		p.problem(root.at("id"), "the campaign needs an “id” of small letters, digits and hyphens, like deploiement-2020")
	}
	f.Language = root.str("language")
	if f.Language == "" {
		f.Language = "fr"
	}
	if !slices.Contains(languages, f.Language) {
		p.problem(root.at("language"), "unknown language %q (known: %s)", f.Language, strings.Join(languages, ", "))
	}
	if f.Title = root.text("title", f.Language); f.Title == nil {
		p.problem(root.at("title"), "the campaign needs a “title”")
	}
	p.length(root, "title", f.Title, maxQuestion)
	switch f.Address = root.str("address"); f.Address {
	case "":
		f.Address = "vous"
	case "tu", "vous":
	default:
		p.problem(root.at("address"), "“address” must be tu or vous, not %q", f.Address)
	}
	p.times(root)
	f.DecisionDays = root.number("decision_days")
	if f.Contact = root.str("contact"); f.Contact != "" {
		if a, err := mail.ParseAddress(f.Contact); err != nil || a.Address != f.Contact {
			p.problem(root.at("contact"), "“contact” must be an e-mail address, not %q", f.Contact)
		}
	}
	if f.Apply = root.str("apply"); f.Apply != "" {
		u, err := url.Parse(f.Apply)
		if err != nil || u.Scheme != "mailto" && (u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
			p.problem(root.at("apply"), "“apply” must be a link (https:// or mailto:), not %q", f.Apply)
		}
	}
	f.Source = root.str("source")
	p.length(root, "source", Text{f.Language: f.Source}, maxQuestion)
}

func (p *fileParser) times(root *mapping) {
	f := p.f
	zone := root.str("timezone")
	if zone == "" {
		zone = "Europe/Paris"
	}
	var err error
	if f.Zone, err = time.LoadLocation(zone); err != nil || zone == "Local" {
		p.problem(root.at("timezone"), "unknown time zone %q: write one like Europe/Paris", zone)
		f.Zone = time.UTC
	}
	f.Opens = p.moment(root, "opens")
	f.Closes = p.moment(root, "closes")
	f.Starts = p.moment(root, "starts")
	if !f.Opens.IsZero() && !f.Closes.IsZero() && !f.Opens.Before(f.Closes) {
		p.problem(root.at("closes"), "the campaign closes (%s) before it opens (%s)",
			dates.Day(f.Closes, "en"), dates.Day(f.Opens, "en"))
	}
}

// moment reads 2020-11-23T23:59, 2020-11-23 23:59 or 2020-11-23, in the campaign's zone.
func (p *fileParser) moment(root *mapping, key string) time.Time {
	s := root.str(key)
	if s == "" {
		return time.Time{}
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02"} {
		t, err := time.ParseInLocation(layout, s, p.f.Zone)
		if err != nil {
			continue
		}
		if layout == "2006-01-02" && key == "closes" {
			// A day without an hour lasts until its last minute, also when the clocks change on it.
			t = time.Date(t.Year(), t.Month(), t.Day(), 23, 59, 0, 0, t.Location())
		}
		return t
	}
	p.problem(root.at(key), "%q is not a date that exists: write it like 2020-11-23T23:59 or 2020-11-23", s)
	return time.Time{}
}

func (p *fileParser) entries(root *mapping) {
	items := root.sequence("entries")
	if len(items) == 0 {
		p.fault(root.at("entries"), "no-entries", nil, "the FAQ has no entries")
	}
	if len(items) > maxEntries {
		p.problem(root.at("entries"), "the FAQ has more than %d entries", maxEntries)
		return
	}
	ids, phrasings := map[string]int{}, map[string]phrasing{}
	type reference struct {
		node ast.Node
		id   string
	}
	var references []reference
	for _, item := range items {
		m := p.mapping(item, "an entry")
		if m == nil {
			continue
		}
		e := p.entry(m)
		if first, twice := ids[e.ID]; twice && e.ID != "" {
			p.fault(m.at("id"), "id-taken", []string{"id", e.ID}, "the entry %q is already on line %d", e.ID, first)
		}
		ids[e.ID] = line(m.at("id"))
		see, nodes := m.strings("see")
		for i, id := range see {
			references = append(references, reference{nodes[i], id})
		}
		e.See = see
		p.phrasings(m, &e, phrasings)
		m.done()
		p.f.Entries = append(p.f.Entries, e)
	}
	for _, ref := range references {
		if _, ok := ids[ref.id]; !ok {
			p.fault(ref.node, "no-such-entry", []string{"id", ref.id}, "“see” names the entry %q, which is not in this file", ref.id)
		}
	}
}

func (p *fileParser) entry(m *mapping) Entry {
	lang := p.f.Language
	e := Entry{
		ID:       m.str("id"),
		Title:    m.text("title", lang),
		Question: m.text("question", lang),
		Answer:   m.text("answer", lang),
		Closed:   m.text("closed", lang),
		Applying: m.boolean("applying"),
		Source:   m.str("source"),
	}
	if !idPattern.MatchString(e.ID) {
		p.fault(m.at("id"), "bad-id", []string{"id", e.ID}, "an entry needs an “id” of small letters, digits and hyphens, like date-limite (not %q)", e.ID)
	}
	if e.ID == "none" || e.ID == "noise" {
		p.fault(m.at("id"), "bad-id", []string{"id", e.ID}, "%q is kept for questions that no entry answers", e.ID)
	}
	var nodes []ast.Node
	e.Topics, nodes = m.strings("topics")
	for i, topic := range e.Topics {
		if p.topics != nil && !p.topics(topic) {
			p.fault(nodes[i], "unknown-topic", []string{"topic", topic}, "unknown topic %q", topic)
		}
	}
	if e.Question == nil {
		p.fault(m.at("question"), "no-question", []string{"id", e.ID}, "the entry %q has no “question”", e.ID)
	}
	if e.Answer == nil {
		p.fault(m.at("answer"), "no-answer", []string{"id", e.ID}, "the entry %q has an empty “answer”", e.ID)
	}
	if e.Title == nil {
		e.Title = e.Question
	} else {
		p.length(m, "title", e.Title, maxTitle)
	}
	p.length(m, "question", e.Question, maxQuestion)
	p.length(m, "source", Text{lang: e.Source}, maxQuestion)
	p.length(m, "answer", e.Answer, maxAnswer)
	p.length(m, "closed", e.Closed, maxAnswer)
	p.filled(m, "answer", e.Answer)
	p.filled(m, "closed", e.Closed)
	return e
}

func (p *fileParser) length(m *mapping, key string, t Text, limit int) {
	for lang, s := range t {
		if n := utf8.RuneCountInString(s); n > limit {
			p.fault(m.at(key), "long-"+key, []string{"lang", lang, "n", strconv.Itoa(n), "max", strconv.Itoa(limit)},
				"“%s” (%s) has %d characters, more than %d", key, lang, n, limit)
		}
	}
}

// filled checks that every placeholder exists and that the campaign has what it stands for.
func (p *fileParser) filled(m *mapping, key string, t Text) {
	for _, s := range t {
		for _, found := range placeholder.FindAllStringSubmatch(s, -1) {
			name := found[1]
			if _, ok := placeholders[name]; !ok {
				p.fault(m.at(key), "unknown-placeholder", []string{"name", name}, "“%s” has the unknown placeholder {%s}", key, name)
				continue
			}
			missing := map[string]bool{
				"closes": p.f.Closes.IsZero(), "time_left": p.f.Closes.IsZero(), "starts": p.f.Starts.IsZero(),
				"contact": p.f.Contact == "", "apply": p.f.Apply == "", "decision_days": p.f.DecisionDays == 0,
			}
			if missing[name] {
				p.fault(m.at(key), "unsaid-placeholder", []string{"name", name}, "“%s” uses {%s}, but the campaign does not say it", key, name)
			}
		}
	}
}

type phrasing struct {
	entry    string
	line     int
	question bool // the entry's own
}

// phrasings reads how people ask, in each language, and refuses what two entries share.
func (p *fileParser) phrasings(m *mapping, e *Entry, seen map[string]phrasing) {
	e.Phrasings = map[string][]string{}
	// A question is a phrasing too; an entry may repeat its own.
	for _, lang := range languages {
		s := e.Question[lang]
		if s == "" {
			continue
		}
		node := m.at("question")
		if other, shared := seen[fold.String(s)]; shared && other.entry != e.ID {
			p.fault(node, "phrasing-shared", []string{"text", s, "id", other.entry},
				"the question %q is also in the entry %q (line %d)", s, other.entry, other.line)
		} else if !shared {
			seen[fold.String(s)] = phrasing{entry: e.ID, line: line(node), question: true}
		}
	}
	add := func(lang string, items []ast.Node) {
		texts, nodes := p.texts(items, "phrasings")
		for i, s := range texts {
			if n := utf8.RuneCountInString(s); n > maxPhrasing {
				p.fault(nodes[i], "long-phrasing", []string{"n", strconv.Itoa(n), "max", strconv.Itoa(maxPhrasing)},
					"a phrasing has %d characters, more than %d", n, maxPhrasing)
			}
			key := fold.String(s)
			if other, shared := seen[key]; shared && other.entry != e.ID {
				p.fault(nodes[i], "phrasing-shared", []string{"text", s, "id", other.entry},
					"the phrasing %q is also in the entry %q (line %d)", s, other.entry, other.line)
			} else if shared && !other.question {
				p.fault(nodes[i], "phrasing-twice", []string{"text", s}, "the phrasing %q is already on line %d", s, other.line)
			}
			seen[key] = phrasing{entry: e.ID, line: line(nodes[i])}
		}
		e.Phrasings[lang] = append(e.Phrasings[lang], texts...)
	}
	n := m.take("phrasings")
	switch n := n.(type) {
	case nil:
	case *ast.SequenceNode:
		add(p.f.Language, n.Values)
	default:
		sub := p.mapping(n, "“phrasings”")
		if sub == nil {
			return
		}
		for _, lang := range sub.keys {
			if !slices.Contains(languages, lang) {
				p.problem(sub.keyAt[lang], "unknown language %q (known: %s)", lang, strings.Join(languages, ", "))
				continue
			}
			add(lang, sub.sequence(lang))
		}
	}
}

// String names the FAQ for logs: it holds nothing personal.
func (f *FAQ) String() string { return fmt.Sprintf("%s (%d entries)", f.ID, len(f.Entries)) }
