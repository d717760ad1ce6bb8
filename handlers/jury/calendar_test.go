package jury_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-ical"
	"pgregory.net/rapid"

	"candide/bot"
	"candide/storage"
)

// read parses a calendar as another program does, and checks what every one must be: lines of at most 75 bytes that
// end as they should, each whole in UTF-8.
func read(t interface {
	Helper()
	Fatalf(string, ...any)
}, src []byte) *ical.Calendar {
	t.Helper()
	lines := strings.Split(string(src), "\r\n")
	if lines[len(lines)-1] != "" || strings.Contains(strings.ReplaceAll(string(src), "\r\n", ""), "\n") {
		t.Fatalf("lines do not all end with CR LF: %q", src)
	}
	for _, line := range lines {
		if len(line) > 75 || !utf8.ValidString(line) {
			t.Fatalf("a line of %d bytes, or cut within a letter: %q", len(line), line)
		}
	}
	c, err := ical.NewDecoder(bytes.NewReader(src)).Decode()
	if err != nil {
		t.Fatalf("%v in %s", err, src)
	}
	return c
}

// prop is a property of an event, as text.
func prop(t *testing.T, c *ical.Component, name string) string {
	t.Helper()
	text, err := c.Props.Text(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// files are the calendars posted in the team's channel, oldest first.
func (p *panel) files() [][]byte {
	var all [][]byte
	for _, made := range p.Platform.Posts() {
		for _, f := range made.Post.Files {
			if made.To.Place.Name == "equipe" && strings.HasPrefix(f.Type, "text/calendar") {
				all = append(all, f.Data)
			}
		}
	}
	return all
}

func TestCalendarFiles(t *testing.T) {
	p := full(t)
	p.by("alice", p.card(1), "Je serai là")
	p.say("jury déplacer 1 2026-12-03 10:00")
	p.by("alice", p.card(1), "Absent·e")
	p.say("jury annuler 1")
	files := p.files()
	if len(files) != 3 {
		t.Fatalf("%d files", len(files))
	}
	uid := ""
	for i, want := range []struct{ method, start, end, sequence, status string }{
		{"REQUEST", "20261201T130000Z", "20261201T143000Z", "0", "CONFIRMED"},
		{"REQUEST", "20261203T090000Z", "20261203T103000Z", "1", "CONFIRMED"},
		{"CANCEL", "20261203T090000Z", "20261203T103000Z", "2", "CANCELLED"},
	} {
		c := read(t, files[i])
		events := c.Events()
		if len(events) != 1 {
			t.Fatalf("%d events", len(events))
		}
		e := events[0].Component
		method, err := c.Props.Text(ical.PropMethod)
		if err != nil || method != want.method {
			t.Errorf("file %d: method %q, %v", i, method, err)
		}
		for name, value := range map[string]string{
			ical.PropDateTimeStart: want.start, ical.PropDateTimeEnd: want.end, ical.PropSequence: want.sequence, ical.PropStatus: want.status,
		} {
			if got := e.Props.Get(name).Value; got != value {
				t.Errorf("file %d: %s is %q, want %q", i, name, got, value)
			}
		}
		if start, err := events[0].DateTimeStart(time.UTC); err != nil || start.Location() != time.UTC {
			t.Errorf("it starts at %s, %v", start, err)
		}
		if prop(t, e, ical.PropSummary) != "Premier jury" || prop(t, e, ical.PropLocation) != "salle 4" {
			t.Errorf("file %d: %s", i, files[i])
		}
		if u := prop(t, e, ical.PropUID); uid != "" && u != uid {
			t.Errorf("the UID becomes %q", u)
		} else {
			uid = u
		}
		if n := len(e.Props.Values(ical.PropAttendee)); n != 3 || e.Props.Get(ical.PropOrganizer) == nil {
			t.Errorf("file %d has %d attendees", i, n)
		}
		if strings.Contains(string(files[i]), "zoé") || strings.Contains(string(files[i]), "14 h") {
			t.Errorf("file %d speaks of candidates: %s", i, files[i])
		}
	}
}

// file is the file that goes with a jury.
func file(t *testing.T, p *panel, j storage.Jury) []byte {
	t.Helper()
	planned, err := p.Store.PlanJury(context.Background(), j, nil)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := p.handler.ComposeReminder(context.Background(), storage.Reminder{Kind: storage.KindCard, Jury: planned.Number}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return reply.Files[0].Data
}

// Whatever a title and a place hold, another program reads back what was written.
func TestCalendarFolding(t *testing.T) {
	p := start(t, "equipe")
	rapid.Check(t, func(rt *rapid.T) {
		letters := rapid.StringOfN(rapid.RuneFrom([]rune("aéèœÉ’« »,;:\\\"'(n)°·—€ 漢😀")), 1, 160, -1)
		title := strings.Join(strings.Fields(letters.Draw(rt, "title")), " ")
		place := strings.Join(strings.Fields(letters.Draw(rt, "place")), " ")
		if title == "" || place == "" {
			rt.Skip()
		}
		c := read(rt, file(t, p, storage.Jury{
			Number: 3, Campaign: "test", Title: title, Location: place, At: time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC), Zone: "Europe/Paris",
			OrganiserName: "rosé;:,\"", CreatedAt: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Members: []storage.Member{{Person: "m:a", Name: "aé,;:b"}},
		}))
		e := c.Events()[0].Component
		if got := prop(t, e, ical.PropSummary); got != title {
			rt.Fatalf("the title %q is read as %q", title, got)
		}
		if got := prop(t, e, ical.PropLocation); got != place {
			rt.Fatalf("the place %q is read as %q", place, got)
		}
	})
}

func TestFeed(t *testing.T) {
	p := full(t)
	p.say("jury planifier 2026-12-08 14:00 Second jury @bob")
	p.say("jury annuler 2")
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		p.handler.ServeCalendar(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	asks := func(user bot.UserID, text string) string {
		t.Helper()
		made := p.Direct(user, text)
		if len(made) != 1 || !made[0].To.Direct {
			t.Fatalf("%s: answered %+v", text, made)
		}
		return made[0].Post.Text
	}
	address := regexp.MustCompile(`https://candide\.example\.org(/calendrier/\S+\.ics)`)
	path := func(text string) string {
		t.Helper()
		m := address.FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("no address in %q", text)
		}
		return m[1]
	}
	// bob is no recruiter: the calendar is theirs all the same.
	first := path(asks("bob", "jury calendrier"))
	if again := path(asks("bob", "jury calendrier")); again != first {
		t.Errorf("asked again, it is %s", again)
	}
	w := get(first)
	c := read(t, w.Body.Bytes())
	if len(c.Events()) != 2 || w.Header().Get("Content-Type") != "text/calendar; charset=utf-8" {
		t.Errorf("%d events, %v", len(c.Events()), w.Header())
	}
	if status := prop(t, c.Events()[1].Component, ical.PropStatus); status != "CANCELLED" {
		t.Errorf("the cancelled one is %s", status)
	}
	for _, banned := range []string{"zoé", "yann", "ATTENDEE", "14 h", "n° 2 à"} {
		if strings.Contains(w.Body.String(), banned) {
			t.Errorf("the calendar holds %q: %s", banned, w.Body)
		}
	}
	if alice := read(t, get(path(asks("alice", "jury calendrier"))).Body.Bytes()); len(alice.Events()) != 1 {
		t.Errorf("alice reads %d events", len(alice.Events()))
	}
	has(t, "no jury", asks("dan", "jury calendrier"), "Aucun jury")
	has(t, "usage", asks("bob", "jury calendrier demain"), "Écrire :")

	second := path(asks("bob", "jury calendrier nouveau"))
	if second == first || get(first).Code != http.StatusNotFound || get(second).Code != http.StatusOK {
		t.Errorf("replaced: %d, %d", get(first).Code, get(second).Code)
	}
	has(t, "removed", asks("bob", "jury calendrier retirer"), "ne donne plus rien")
	for _, path := range []string{second, "/calendrier/", "/calendrier/x.ics", strings.TrimSuffix(second, ".ics"), "/calendrier/../" + second} {
		if code := get(path).Code; code != http.StatusNotFound {
			t.Errorf("%s: %d", path, code)
		}
	}
}
