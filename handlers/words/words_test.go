package words_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"candide/handlers/words"
)

// raw reads a language's file as it is written: key → its one sentence, or its forms by address.
func raw(t *testing.T, lang string) map[string][]string {
	t.Helper()
	src, err := os.ReadFile(lang + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	var entries map[string]any
	if err := yaml.Unmarshal(src, &entries); err != nil {
		t.Fatal(err)
	}
	forms := map[string][]string{}
	for key, value := range entries {
		switch v := value.(type) {
		case string:
			forms[key] = []string{v}
		case map[string]any:
			tu, hasTu := v["tu"].(string)
			vous, hasVous := v["vous"].(string)
			if !hasTu || !hasVous || len(v) != 2 {
				t.Errorf("%s: %s must have tu and vous, and nothing else", lang, key)
			}
			forms[key] = []string{tu, vous}
		default:
			t.Errorf("%s: %s is a %T", lang, key, value)
		}
	}
	return forms
}

func say(t *testing.T, address string) *words.Words {
	t.Helper()
	w, err := words.New(address, "fr")
	if err != nil {
		t.Fatal(err)
	}
	return w
}

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

func placeholders(s string) []string {
	found := placeholder.FindAllString(s, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestSameKeysAndPlaceholders(t *testing.T) {
	french, english := raw(t, "fr"), raw(t, "en")
	for key := range french {
		if _, ok := english[key]; !ok {
			t.Errorf("%s is in French alone", key)
		}
	}
	for key, forms := range english {
		all, ok := french[key]
		if !ok {
			t.Errorf("%s is in English alone", key)
			continue
		}
		want := placeholders(forms[0])
		for _, s := range append(all, forms...) {
			if got := placeholders(s); !slices.Equal(got, want) {
				t.Errorf("%s: %v in %q, %v in English", key, got, s, want)
			}
			if strings.TrimSpace(s) == "" {
				t.Errorf("%s is empty", key)
			}
		}
	}
}

// A sentence that speaks to people is in the campaign's form of address: where one of its forms says tu, it must have
// the other, and neither may slip into the other's.
func TestTuAndVous(t *testing.T) {
	tu := regexp.MustCompile(`(?i)(^|[^\p{L}])(tu|te|toi|ton|ta|tes|t’)([^\p{L}]|$)|(^|[^\p{L}])t’|-(toi|tu)\b`)
	vous := regexp.MustCompile(`(?i)(^|[^\p{L}])(vous|votre|vos)([^\p{L}]|$)`)
	for key, forms := range raw(t, "fr") {
		if strings.HasPrefix(key, "start-") {
			continue // said to the operator, at the prompt
		}
		spoken := polite.ReplaceAllString(code.ReplaceAllString(forms[0], ""), "")
		if vous.MatchString(spoken) || len(forms) == 1 && tu.MatchString(spoken) {
			t.Errorf("%s: %q is not in its form of address", key, forms[0])
		}
		if len(forms) == 2 && tu.MatchString(polite.ReplaceAllString(code.ReplaceAllString(forms[1], ""), "")) {
			t.Errorf("%s: %q says tu to somebody addressed as vous", key, forms[1])
		}
	}
	for key, forms := range raw(t, "fr") {
		if len(forms) == 2 && forms[0] == forms[1] {
			t.Errorf("%s needs only one form", key)
		}
	}
}

var (
	code   = regexp.MustCompile("`[^`]*`")
	link   = regexp.MustCompile(`https?://[^\s)]+`)
	polite = regexp.MustCompile(`s’il (te|vous) plaît`)
)

// prose is a sentence without what is not prose in it: code, links, names in braces.
func prose(s string) string {
	return placeholder.ReplaceAllString(link.ReplaceAllString(code.ReplaceAllString(s, "`c`"), "L"), "x")
}

func TestFrenchTypography(t *testing.T) {
	for _, rule := range []struct {
		wrong *regexp.Regexp
		why   string
	}{
		{regexp.MustCompile(`'`), "an apostrophe that is straight"},
		{regexp.MustCompile(`"|“|”`), "quotation marks that are not « »"},
		{regexp.MustCompile(`\.\.\.`), "three dots for an ellipsis"},
		{regexp.MustCompile(`[\p{L}\p{N}»)*][?!;:]( |$|\n)`), "no space before ? ! ; or :"},
		{regexp.MustCompile(`«[^ \x{a0}\x{202f}]|[^ \x{a0}\x{202f}]»`), "no space within « »"},
		{regexp.MustCompile(`\s[,.]( |$)`), "a space before , or ."},
		{regexp.MustCompile(`[ \x{a0}\x{202f}]{2}`), "two spaces"},
		{regexp.MustCompile(`\x{a0}|\x{202f}`), "a no-break space: the others are plain"},
		{regexp.MustCompile(`(^|[ (])[AE](tat|tape|tre|quipe)s?([^\p{L}]|$)`), "a capital without its accent"},
	} {
		for key, forms := range raw(t, "fr") {
			for _, s := range forms {
				if found := rule.wrong.FindString(prose(s)); found != "" {
					t.Errorf("%s: %s, at %q in %q", key, rule.why, found, s)
				}
			}
		}
	}
	for key, forms := range raw(t, "fr") {
		for _, s := range forms {
			if strings.Count(s, "«") != strings.Count(s, "»") {
				t.Errorf("%s: « » do not pair in %q", key, s)
			}
		}
	}
}

func TestEnglishTypography(t *testing.T) {
	for _, rule := range []struct {
		wrong *regexp.Regexp
		why   string
	}{
		{regexp.MustCompile(`  `), "two spaces"},
		{regexp.MustCompile(` [?!;:,.]( |$)`), "a space before punctuation"},
		{regexp.MustCompile(`«|»|"`), "quotation marks that are not “ ”"},
	} {
		for key, forms := range raw(t, "en") {
			if found := rule.wrong.FindString(prose(forms[0])); found != "" {
				t.Errorf("%s: %s, at %q in %q", key, rule.why, found, forms[0])
			}
		}
	}
}

// Only what is put into another sentence may begin or end with a space.
func TestSpacesAtTheEnds(t *testing.T) {
	parts := map[string]bool{"jury-location": true, "jury-reason": true, "interest-legal": true}
	for _, lang := range words.Languages {
		for key, forms := range raw(t, lang) {
			for _, s := range forms {
				if s = strings.Trim(s, "\n"); (strings.TrimSpace(s) != s) != parts[key] {
					t.Errorf("%s, %s: %q", lang, key, s)
				}
			}
		}
	}
}

// Markdown that is opened is closed.
func TestMarkdownPairs(t *testing.T) {
	for _, lang := range words.Languages {
		for key, forms := range raw(t, lang) {
			for _, s := range forms {
				if strings.Count(s, "**")%2 != 0 || strings.Count(s, "`")%2 != 0 {
					t.Errorf("%s, %s: %q", lang, key, s)
				}
			}
		}
	}
}

// Mattermost's dialogs take labels of 24 characters and help of 150, and its buttons 40 here.
func TestLengths(t *testing.T) {
	limits := map[string]int{
		"jury-field-duration": 24, "jury-field-members": 24, "jury-field-quorum": 24, "jury-field-rules": 24,
		"jury-field-slots": 24, "jury-odd-yes": 40, "jury-odd-no": 40, "jury-here": 40, "jury-away": 40,
		"jury-letters-see": 40, "jury-letters-copy": 40, "jury-letters-done": 40,
		"interest-title": 24, "interest-continue": 24, "interest-name": 24, "interest-reach": 24, "interest-level": 24,
		"interest-subjects": 24, "interest-message": 24, "jury-title": 24, "jury-field-title": 24, "jury-field-when": 24,
		"jury-field-channel": 24, "jury-field-location": 24,
		"closing-preview": 40, "closing-no": 40, "closing-send.one": 36, "closing-send.many": 36, "interest-yes": 40, "interest-young": 40, "interest-withdraw": 40, "interest-no": 40, "interest-recontact-yes": 40, "interest-recontact-no": 40,
		"interest-level-junior": 40, "interest-level-experienced": 40, "interest-level-unsaid": 40,
		"erase-yes": 40, "erase-no": 40, "renewal-yes": 40, "renewal-no": 40, "suggest-none": 40, "button-interest": 40, "candidates-view": 36,
		"form-continue": 40,
	}
	for _, lang := range words.Languages {
		forms := raw(t, lang)
		for key := range forms {
			switch {
			case strings.HasSuffix(key, "-help"):
				limits[key] = 150
			case strings.HasPrefix(key, "faq-field-"), strings.HasPrefix(key, "faq-form-"),
				strings.HasPrefix(key, "inbox-form-"), strings.HasPrefix(key, "inbox-field-"):
				limits[key] = 24
			case strings.HasPrefix(key, "faq-button-"), strings.HasPrefix(key, "faq-choice-"),
				strings.HasPrefix(key, "inbox-button-"), strings.HasPrefix(key, "inbox-choice-"), key == "crossed-edit":
				limits[key] = 40
			}
		}
		for key, limit := range limits {
			if len(forms[key]) == 0 {
				t.Errorf("%s: %s is not there", lang, key)
			}
			for _, s := range forms[key] {
				if n := utf8.RuneCountInString(strings.TrimSpace(s)); n > limit {
					t.Errorf("%s: %s has %d characters, more than %d: %q", lang, key, n, limit, s)
				}
			}
		}
	}
}

// Every key that the code names exists, and every key that exists is named somewhere in it.
func TestKeysAreUsed(t *testing.T) {
	said := regexp.MustCompile(`\b(?:(?:[sS]ay|Count|sayContact)\((?:[^",\n]*,\s*)?|announce\([^"\n]*)"([^"]+)"`)
	quoted := regexp.MustCompile(`"([a-z][a-z0-9]*(?:[-.][a-z0-9]+)*-?)"`)
	known := maps.Clone(raw(t, "fr"))
	named, checked := map[string]bool{}, 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "e2e" || d.Name() == "faq" || d.Name() == "internal" || d.Name() == ".git" || path == "../../bot/web") {
			return filepath.SkipDir // they say nothing of this: the web page has its own words
		}
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range quoted.FindAllStringSubmatch(string(src), -1) {
			named[m[1]] = true
		}
		for _, m := range said.FindAllStringSubmatch(string(src), -1) {
			key := m[1]
			checked++
			_, exists := known[key]
			_, counted := known[key+".one"]
			if !exists && !counted && !anyPrefix(known, key) {
				t.Errorf("%s says %q, which does not exist", path, key)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked < 80 {
		t.Errorf("only %d sentences were found in the code: the search is broken", checked)
	}
	for key := range known {
		base := strings.TrimSuffix(strings.TrimSuffix(key, ".one"), ".many")
		if !named[base] && !builtFrom(named, base) {
			t.Errorf("nothing says %q", key)
		}
	}
}

// anyPrefix reports whether a key ends with a hyphen and others begin with it: what follows is filled in.
func anyPrefix(known map[string][]string, key string) bool {
	if !strings.HasSuffix(key, "-") {
		return false
	}
	for k := range known {
		if strings.HasPrefix(k, key) {
			return true
		}
	}
	return false
}

// builtFrom reports whether the code has "stage-" for the key "stage-jury", or "interest-none" for its other form.
func builtFrom(named map[string]bool, key string) bool {
	for i, r := range key {
		if r == '-' && named[key[:i+1]] {
			return true
		}
	}
	base, other := strings.CutSuffix(key, "-no-contact")
	return other && named[base]
}

func TestSay(t *testing.T) {
	w := say(t, "vous")
	if got := w.Say("fr", "recruiters-only"); got != "Cette commande est réservée à l’équipe de recrutement." {
		t.Errorf("said %q", got)
	}
	if got := w.Say("de", "interest-no"); got != "Non merci" {
		t.Errorf("in a language that it does not speak: %q", got)
	}
	if got := w.Say("fr", "no-such-key"); got != "no-such-key" {
		t.Errorf("an unknown key says %q", got)
	}
	// What people wrote is not read as a place to fill in.
	got := w.Say("fr", "jury-announce-moved", "title", "{when} {zone}", "n", "{title}", "when", "demain", "zone", "Paris")
	if want := "**Déplacé : {when} {zone}** (jury n° {title}). Nouvelle date : demain (Paris)."; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
}

func TestCount(t *testing.T) {
	w := say(t, "tu")
	for _, c := range []struct {
		lang string
		n    int
		want string
	}{
		{"fr", 0, "**0 personne intéressée**"},
		{"fr", 1, "**1 personne intéressée**"},
		{"fr", 2, "**2 personnes intéressées**"},
		{"en", 0, "**0 interested people**"},
		{"en", 1, "**1 interested person**"},
		{"en", 2, "**2 interested people**"},
	} {
		if got := w.Count(c.lang, "candidates-title", c.n); got != c.want {
			t.Errorf("%d in %s: %q, want %q", c.n, c.lang, got, c.want)
		}
	}
}

func TestAddress(t *testing.T) {
	for address, want := range map[string]string{"tu": "Je ne garde rien sur toi.", "vous": "Je ne garde rien sur vous."} {
		if got := say(t, address).Say("fr", "data-none"); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
	if _, err := words.New("ils", "fr"); err == nil {
		t.Error("an unknown form of address is taken")
	}
}
