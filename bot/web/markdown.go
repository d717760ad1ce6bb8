package web

import (
	"fmt"
	"html"
	"html/template"
	"net/url"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdown writes the bot's Markdown as HTML. It parses with goldmark and writes only the elements of this file, so
// that nothing else can come out whatever goes in: raw HTML is shown as text, images as their description, headings
// as bold paragraphs (the page has its own), and links lead to http, https and mailto alone.
func markdown(src string) template.HTML {
	source := []byte(strings.ToValidUTF8(src, "\uFFFD"))
	parser := goldmark.New(goldmark.WithExtensions(extension.Linkify)).Parser()
	m := markup{source: source}
	m.children(parser.Parse(text.NewReader(source)))
	return template.HTML(m.out.String()) //nolint:gosec // every byte is written by this file
}

type markup struct {
	source []byte
	out    strings.Builder
	linked bool // in a link: another one may not begin
}

func (m *markup) children(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		m.node(c)
	}
}

func (m *markup) wrap(tag string, n ast.Node) {
	m.out.WriteString("<" + tag + ">")
	m.children(n)
	m.out.WriteString("</" + tag + ">")
}

func (m *markup) text(s string) { m.out.WriteString(html.EscapeString(s)) }

func (m *markup) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.Paragraph:
		m.wrap("p", n)
	case *ast.TextBlock:
		m.children(n)
	case *ast.Heading:
		m.out.WriteString("<p><strong>")
		m.children(n)
		m.out.WriteString("</strong></p>")
	case *ast.Blockquote:
		m.wrap("blockquote", n)
	case *ast.List:
		m.list(n)
	case *ast.ListItem:
		m.wrap("li", n)
	case *ast.ThematicBreak:
		m.out.WriteString("<hr>")
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		m.out.WriteString("<pre><code>")
		m.lines(n)
		m.out.WriteString("</code></pre>")
	case *ast.HTMLBlock:
		m.out.WriteString("<p>")
		m.lines(n)
		if n.HasClosure() {
			m.text(string(n.ClosureLine.Value(m.source)))
		}
		m.out.WriteString("</p>")
	case *ast.Text:
		m.text(spaced(resolved(n.Value(m.source), n.IsRaw())))
		if n.HardLineBreak() || n.SoftLineBreak() {
			m.out.WriteString("<br>") // chat servers keep line breaks: so does the page
		}
	case *ast.String:
		m.text(spaced(string(n.Value)))
	case *ast.CodeSpan:
		m.out.WriteString("<code>")
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			if t, ok := c.(*ast.Text); ok {
				m.text(string(t.Value(m.source)))
			}
		}
		m.out.WriteString("</code>")
	case *ast.Emphasis:
		if n.Level == 2 {
			m.wrap("strong", n)
		} else {
			m.wrap("em", n)
		}
	case *ast.Link:
		m.link(resolved(n.Destination, false), n)
	case *ast.AutoLink:
		m.autoLink(n)
	case *ast.Image:
		m.children(n)
	case *ast.RawHTML:
		for i := range n.Segments.Len() {
			segment := n.Segments.At(i)
			m.text(string(segment.Value(m.source)))
		}
	default:
		m.children(n)
	}
}

// resolved is what a piece of Markdown says, its escapes and entities replaced by what they stand for.
func resolved(src []byte, raw bool) string {
	if raw {
		return string(src)
	}
	return string(util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(src))))
}

func (m *markup) list(n *ast.List) {
	if !n.IsOrdered() {
		m.wrap("ul", n)
		return
	}
	if n.Start > 1 {
		fmt.Fprintf(&m.out, `<ol start="%d">`, n.Start)
	} else {
		m.out.WriteString("<ol>")
	}
	m.children(n)
	m.out.WriteString("</ol>")
}

func (m *markup) lines(n ast.Node) {
	for i := range n.Lines().Len() {
		segment := n.Lines().At(i)
		m.text(string(segment.Value(m.source)))
	}
}

func (m *markup) autoLink(n *ast.AutoLink) {
	label, to := string(n.Label(m.source)), string(n.URL(m.source))
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(to), "mailto:") {
		to = "mailto:" + to
	}
	m.anchor(to, func() { m.text(label) })
}

func (m *markup) link(to string, n ast.Node) { m.anchor(to, func() { m.children(n) }) }

// anchor writes a link, or its words alone where it may not lead.
func (m *markup) anchor(to string, words func()) {
	href, ok := safeURL(to)
	if !ok || m.linked {
		words()
		return
	}
	m.linked = true
	m.out.WriteString(`<a href="` + html.EscapeString(href) + `" rel="noopener noreferrer nofollow">`)
	words()
	m.out.WriteString("</a>")
	m.linked = false
}

// safeURL returns where a link may lead: to an absolute http, https or mailto URL.
func safeURL(to string) (string, bool) {
	u, err := url.Parse(strings.TrimSpace(to))
	if err != nil {
		return "", false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return u.String(), u.Host != ""
	case "mailto":
		return u.String(), u.Opaque != ""
	}
	return "", false
}

// spaced keeps French punctuation on the line of the word before it, with the spaces that French has.
func spaced(s string) string {
	return strings.NewReplacer(
		" ;", "\u202f;", " !", "\u202f!", " ?", "\u202f?",
		" :", "\u00a0:", " »", "\u00a0»", "« ", "«\u00a0",
	).Replace(s)
}
