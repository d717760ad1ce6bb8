package web

import (
	"regexp"
	"strings"
	"testing"
)

func TestMarkdown(t *testing.T) {
	for src, want := range map[string]string{
		"un **gras** et *pente*":     "<p>un <strong>gras</strong> et <em>pente</em></p>",
		"deux\nlignes":               "<p>deux<br>lignes</p>",
		"- a\n- b":                   "<ul><li>a</li><li>b</li></ul>",
		"3. c\n4. d":                 `<ol start="3"><li>c</li><li>d</li></ol>`,
		"# Titre":                    "<p><strong>Titre</strong></p>",
		"`a < b`":                    "<p><code>a &lt; b</code></p>",
		"```\n<x>\n```":              "<pre><code>&lt;x&gt;\n</code></pre>",
		"jean_pierre_dupont":         "<p>jean_pierre_dupont</p>",
		"<b>x</b>":                   "<p>&lt;b&gt;x&lt;/b&gt;</p>",
		"<div onclick=x>\ny\n</div>": "<p>&lt;div onclick=x&gt;\ny\n&lt;/div&gt;</p>",
		"[x](javascript:alert(1))":   "<p>x</p>",
		"[x](/forget)":               "<p>x</p>",
		"[x](//evil.example)":        "<p>x</p>",
		"[x](https://a.example)":     `<p><a href="https://a.example" rel="noopener noreferrer nofollow">x</a></p>`,
		"<a@b.example>":              `<p><a href="mailto:a@b.example" rel="noopener noreferrer nofollow">a@b.example</a></p>`,
		"voir https://a.example/x.":  `<p>voir <a href="https://a.example/x" rel="noopener noreferrer nofollow">https://a.example/x</a>.</p>`,
		"![alt](https://a.example)":  "<p>alt</p>",
		"Vraiment ? « Oui »":         "<p>Vraiment\u202f? «\u00a0Oui\u00a0»</p>",
		"a &amp; b &lt;":             "<p>a &amp; b &lt;</p>",
		`\*pas gras\*`:               "<p>*pas gras*</p>",
		"a\n\n---\n\nb":              "<p>a</p><hr><p>b</p>",
		"[![a](b)](https://c.d)":     `<p><a href="https://c.d" rel="noopener noreferrer nofollow">a</a></p>`,
		"<https://a.example/?x=\"y>": `<p><a href="https://a.example/?x=&#34;y" rel="noopener noreferrer nofollow">https://a.example/?x=&#34;y</a></p>`,
	} {
		if got := string(markdown(src)); got != want {
			t.Errorf("%q:\n got %s\nwant %s", src, got, want)
		}
	}
}

// tag is every element that the renderer may write, whole.
var tag = regexp.MustCompile(`^<(/?(p|strong|em|code|pre|ul|ol|li|blockquote)|br|hr|/a|ol start="\d+"|` +
	`a href="(https?://[^"<>]+|mailto:[^"<>]+)" rel="noopener noreferrer nofollow")>`)

func FuzzMarkdown(f *testing.F) {
	for _, seed := range []string{
		"", "**a** _b_ `c`", "<script>alert(1)</script>", "[x](javascript:alert(1))", "[x](JaVaScRiPt&colon;alert(1))",
		"<img src=x onerror=alert(1)>", "![x](data:text/html,x)", "<a href=\"x\" onclick='y'>", "[a]: javascript:x\n[a]",
		"<https://x.example/\" onload=\"y>", "http://x.example/'\"><script>", "- a\n  - b\n\n1. c", "> q\n> <b>", "```\n</code>\n```",
		"a@b.example <javascript:alert(1)>", "[a](<https://x y>)", "[a](https://x 'ti\"tle')", "\x00\xff", "<!-- c -->", "<?php ?>", "<![CDATA[x]]>",
		"&lt;script&gt;", "&#106;avascript:x", "[x](&#106;avascript:x)", "[x](mailto:a?body=%0d%0a)", "# h {onclick=x}", "www.a.example",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		out := string(markdown(src))
		for i := range len(out) {
			if out[i] == '<' && !tag.MatchString(out[i:]) {
				t.Fatalf("%q writes an element of its own at %q", src, out[i:min(len(out), i+60)])
			}
		}
		for _, part := range tag.FindAllString(out, -1) {
			if strings.Contains(strings.ToLower(part), "javascript:") {
				t.Fatalf("%q leads to a script: %s", src, part)
			}
		}
		// Nothing opens that is not closed.
		for _, name := range []string{"p", "strong", "em", "code", "pre", "ul", "li", "blockquote"} {
			if o, c := strings.Count(out, "<"+name+">"), strings.Count(out, "</"+name+">"); o != c {
				t.Fatalf("%q opens <%s> %d times and closes it %d times", src, name, o, c)
			}
		}
		if o, c := strings.Count(out, "<a "), strings.Count(out, "</a>"); o != c {
			t.Fatalf("%q opens %d links and closes %d", src, o, c)
		}
	})
}
