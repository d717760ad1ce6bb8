package faq

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxFile is the largest FAQ file read, in bytes: YAML parsers have crashed on hostile input of any size.
const maxFile = 2 << 20

// Problem is one thing wrong with a FAQ file.
type Problem struct {
	File   string
	Line   int // from 1
	What   string
	Advice bool // worth doing, but the file is valid without

	// Code names what is wrong with an entry, and Args are the names and values that say it in other words; both are
	// empty where only a file can have the problem.
	Code string
	Args []string
}

func (p Problem) String() string {
	what := p.What
	if p.Advice {
		what = "advice: " + what
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, what)
}

// Problems is what is wrong with a file, in line order. It is an error.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// reader walks a YAML tree and collects every problem instead of stopping at the first.
type reader struct {
	file     string
	problems Problems
}

func (r *reader) problem(n ast.Node, format string, args ...any) {
	r.problems = append(r.problems, Problem{File: r.file, Line: line(n), What: fmt.Sprintf(format, args...)})
}

// fault is a problem that an entry can have wherever it was written. Name and value alternate in args.
func (r *reader) fault(n ast.Node, code string, args []string, format string, a ...any) {
	r.problem(n, format, a...)
	last := &r.problems[len(r.problems)-1]
	last.Code, last.Args = code, args
}

func line(n ast.Node) int {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 1
	}
	return n.GetToken().Position.Line
}

// parse returns the document's root mapping, or nil after noting why there is none.
func (r *reader) parse(src []byte) *mapping {
	at := func(l int, what string) *mapping {
		r.problems = append(r.problems, Problem{File: r.file, Line: l, What: what})
		return nil
	}
	if len(src) > maxFile {
		return at(1, fmt.Sprintf("the file is larger than %d MB", maxFile>>20))
	}
	src = bytes.TrimPrefix(src, []byte("\ufeff")) // some editors begin a file with a mark that nobody sees
	if l := tooDeep(src); l > 0 {
		return at(l, fmt.Sprintf("more than %d lists or mappings within each other", maxDepth))
	}
	file, err := parseYAML(src)
	if err != nil {
		l, what := syntaxError(err)
		return at(l, what)
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return at(1, "the file must hold one YAML document")
	}
	return r.mapping(file.Docs[0].Body, "the file")
}

// maxDepth is how deep lists and mappings may lie within each other: the parser's time grows with the square of it,
// and its stack too.
const maxDepth = 500

// tooDeep returns the line where src opens too many brackets that it does not close, or begins too many lists on one
// line; 0: nowhere. Brackets in texts count too: they rarely stay open by hundreds.
func tooDeep(src []byte) int {
	depth := 0
	for i, text := range bytes.Split(src, []byte("\n")) {
		starts := 0
		for rest := bytes.TrimLeft(text, " "); len(rest) > 1 && (rest[0] == '-' || rest[0] == '?') && rest[1] == ' '; starts++ {
			rest = bytes.TrimLeft(rest[1:], " ")
		}
		for _, c := range text {
			switch c {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(0, depth-1)
			}
			if depth > maxDepth {
				return i + 1
			}
		}
		if starts > maxDepth {
			return i + 1
		}
	}
	return 0
}

// parseYAML contains the parser's panics, which hostile input has caused.
func parseYAML(src []byte) (file *ast.File, err error) {
	defer func() {
		if v := recover(); v != nil {
			file, err = nil, fmt.Errorf("[1:1] unreadable YAML: %v", v)
		}
	}()
	return parser.ParseBytes(src, 0)
}

// syntaxError takes line and message out of goccy's "[3:5] message\n   1 | source…".
func syntaxError(err error) (int, string) {
	first, _, _ := strings.Cut(err.Error(), "\n")
	position, message, ok := strings.Cut(strings.TrimPrefix(first, "["), "] ")
	if !ok {
		return 1, first
	}
	number, _, _ := strings.Cut(position, ":")
	l, convErr := strconv.Atoi(number)
	if convErr != nil {
		return 1, first
	}
	return l, "not valid YAML: " + message
}

// mapping is a YAML mapping whose keys are taken one by one; done reports those that nobody took.
type mapping struct {
	r      *reader
	node   ast.Node
	keys   []string
	values map[string]ast.Node
	keyAt  map[string]ast.Node
	taken  map[string]bool
}

func (r *reader) mapping(n ast.Node, what string) *mapping {
	m := &mapping{r: r, node: n, values: map[string]ast.Node{}, keyAt: map[string]ast.Node{}, taken: map[string]bool{}}
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		r.problem(n, "%s must be a list of “name: value” lines", what)
		return nil
	}
	for _, pair := range pairs {
		key := pair.Key.GetToken().Value
		if _, twice := m.values[key]; twice {
			r.problem(pair.Key, "%q stands twice", key)
			continue
		}
		m.keys = append(m.keys, key)
		m.values[key], m.keyAt[key] = pair.Value, pair.Key
	}
	return m
}

// take returns the value of key, nil when it is absent or empty.
func (m *mapping) take(key string) ast.Node {
	m.taken[key] = true
	n := m.values[key]
	if n == nil || n.Type() == ast.NullType {
		return nil
	}
	return n
}

// at is the node to blame for key: its value, else the key, else the mapping.
func (m *mapping) at(key string) ast.Node {
	if n := m.keyAt[key]; n != nil {
		return n
	}
	return m.node
}

// done reports the keys that were not taken, each with the closest known one.
func (m *mapping) done() {
	known := make([]string, 0, len(m.taken))
	for key := range m.taken {
		known = append(known, key)
	}
	sort.Strings(known)
	for _, key := range m.keys {
		if !m.taken[key] {
			m.r.problem(m.keyAt[key], "unknown field %q (known here: %s)", key, strings.Join(known, ", "))
		}
	}
}

// str returns a scalar's text, trimmed.
func (m *mapping) str(key string) string {
	n := m.take(key)
	if n == nil {
		return ""
	}
	s, ok := scalar(n)
	if !ok {
		m.r.problem(n, "%q must be a text", key)
	}
	return strings.TrimSpace(s)
}

func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	case *ast.NullNode:
		return "", true
	}
	return "", false
}

func (m *mapping) boolean(key string) bool {
	switch s := m.str(key); s {
	case "true":
		return true
	case "", "false":
		return false
	default:
		m.r.problem(m.at(key), "%q must be true or false, not %q", key, s)
		return false
	}
}

func (m *mapping) number(key string) int {
	s := m.str(key)
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		m.r.problem(m.at(key), "%q must be a whole number, not %q", key, s)
	}
	return n
}

// sequence returns a list's items.
func (m *mapping) sequence(key string) []ast.Node {
	n := m.take(key)
	if n == nil {
		return nil
	}
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		m.r.problem(n, "%q must be a list", key)
		return nil
	}
	return seq.Values
}

func (m *mapping) strings(key string) (texts []string, nodes []ast.Node) {
	return m.r.texts(m.sequence(key), key)
}

func (r *reader) texts(items []ast.Node, key string) (texts []string, nodes []ast.Node) {
	for _, n := range items {
		s, ok := scalar(n)
		if s = strings.TrimSpace(s); !ok || s == "" {
			r.problem(n, "each item of %q must be a text that is not empty", key)
			continue
		}
		texts, nodes = append(texts, s), append(nodes, n)
	}
	return texts, nodes
}

// text returns what people read, by language; a lone text is in the FAQ's own language.
func (m *mapping) text(key, language string) Text {
	n := m.take(key)
	if n == nil {
		return nil
	}
	if s, ok := scalar(n); ok {
		if s = strings.TrimSpace(s); s == "" {
			return nil
		}
		return Text{language: s}
	}
	sub := m.r.mapping(n, strconv.Quote(key))
	if sub == nil {
		return nil
	}
	t := Text{}
	for _, lang := range sub.keys {
		if !slices.Contains(languages, lang) {
			m.r.problem(sub.keyAt[lang], "unknown language %q (known: %s)", lang, strings.Join(languages, ", "))
			sub.taken[lang] = true
			continue
		}
		if s := sub.str(lang); s != "" {
			t[lang] = s
		} else {
			m.r.problem(sub.keyAt[lang], "%q is empty in %q", key, lang)
		}
	}
	if len(t) == 0 {
		return nil
	}
	return t
}
