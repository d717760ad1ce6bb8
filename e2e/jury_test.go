package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/e2e/harness"
)

// calendarOf is the calendar of a post, its lines whole. A file is attached a moment after its post is there.
func calendarOf(t *testing.T, u *harness.User, post *model.Post) string {
	t.Helper()
	found := ""
	until(t, "a calendar with a post", func() bool {
		for name, content := range u.Files(post) {
			if strings.HasSuffix(name, ".ics") {
				found = string(bytes.ReplaceAll(content, []byte("\r\n "), nil))
			}
		}
		return found != ""
	})
	return found
}

// TestJuryLife is a jury's whole life on a real server: planned, answered by its members on its card, its candidates
// invited, moved, nudged, reminded, cancelled.
func TestJuryLife(t *testing.T) {
	t.Parallel()
	s := play(t)
	bob := s.User("bob", s.town, s.team)
	s.alice.Slash(s.town, "/candide interet")
	s.fillIn(t, s.town, func(m ...harness.Match) *model.Post { return s.alice.WaitEphemeral(m...) }, "Camille")

	// Planned: the team's card, with the members' mentions and a number for the candidate.
	s.rose.Slash(s.staff, fmt.Sprintf("/candide jury planifier 2020-12-01 14:00 ~jury-deploiement Premier jury @%s @%s ; 1h30 ; salle 4 ; quorum 2 ; candidats 1 14h30",
		s.rose.Username, bob.Username))
	planned := s.rose.WaitEphemeral(harness.Contains("Jury n° 1 planifié : Premier jury", "mardi 1er décembre 2020 à 14 h (Europe/Paris)", "1 candidat·e est à prévenir"))
	card := bob.WaitPost(s.team, harness.By(s.bot), harness.Contains("Jury n° 1 : Premier jury", "1 h 30 · salle 4", "n° 1 à 14 h 30", "Quorum : 2."), harness.HasButton("Je serai là"))
	if strings.Contains(harness.Text(card), "Camille") {
		t.Errorf("the card names a candidate: %s", harness.Text(card))
	}
	if c := calendarOf(t, bob, card); !strings.Contains(c, "METHOD:REQUEST") || !strings.Contains(c, "DTSTART:20201201T130000Z") || !strings.Contains(c, "SEQUENCE:0") {
		t.Errorf("the card's calendar:\n%s", c)
	}

	// The members answer on the card; the organiser hears of an absence, and that the quorum is lost.
	s.rose.Press(card, "Je serai là")
	s.rose.WaitEphemeral(harness.Contains("C’est noté : présence"))
	bob.WaitUpdate(card, harness.Contains("@"+s.rose.Username+" (sera là)", "@"+bob.Username+" (n’a pas répondu)"))
	bob.Press(card, "Absent·e")
	bob.WaitEphemeral(harness.Contains("C’est noté : absence"))
	s.rose.WaitPost(s.rose.DMChannel(s.bot), harness.By(s.bot), harness.Contains(bob.Username+" ne pourra pas venir", "Le quorum n’y est plus"))
	updated := bob.WaitUpdate(card, harness.Contains("@"+bob.Username+" (absent·e)", "Le quorum n’y est plus"))
	if len(bob.Files(updated)) != 1 {
		t.Error("the card lost its calendar")
	}

	// The candidate hears nothing before a recruiter presses.
	s.rose.Press(planned, "Voir les messages")
	preview := s.rose.WaitEphemeral(harness.Contains("N° 1 · Camille", "tu es invité·e à un entretien", "14 h 30"))
	for _, post := range s.alice.Recent(s.alice.DMChannel(s.bot)) {
		if strings.Contains(post.Message, "invité·e") {
			t.Error("a candidate is invited by a preview")
		}
	}
	s.rose.Press(preview, "Envoyer 1 message")
	s.alice.WaitPost(s.alice.DMChannel(s.bot), harness.By(s.bot), harness.Contains("tu es invité·e à un entretien", "mardi 1er décembre 2020 à 14 h 30"))

	// Moved: announced with its calendar, the card follows, everybody is asked again, the candidate only by a press.
	s.rose.Slash(s.staff, "/candide jury déplacer 1 jeudi 3 décembre 10h")
	moved := s.rose.WaitEphemeral(harness.Contains("Jury n° 1 déplacé", "jeudi 3 décembre 2020 à 10 h", "1 candidat·e est à prévenir"))
	announced := bob.WaitPost(s.team, harness.By(s.bot), harness.Contains("Déplacé : Premier jury", "merci de répondre de nouveau"))
	if c := calendarOf(t, bob, announced); !strings.Contains(c, "SEQUENCE:1") || !strings.Contains(c, "DTSTART:20201203T090000Z") {
		t.Errorf("the move's calendar:\n%s", c)
	}
	card = bob.WaitUpdate(card, harness.Contains("jeudi 3 décembre 2020 à 10 h", "@"+s.rose.Username+" (n’a pas répondu)", "n° 1 à 10 h 30"))
	bob.Press(card, "Je serai là")
	bob.WaitUpdate(card, harness.Contains("@"+bob.Username+" (sera là)"))
	s.rose.Press(moved, "Voir les messages")
	s.rose.Press(s.rose.WaitEphemeral(harness.Contains("change de date")), "Envoyer 1 message")
	s.alice.WaitPost(s.alice.DMChannel(s.bot), harness.By(s.bot), harness.Contains("change de date", "jeudi 3 décembre 2020 à 10 h 30"))

	// A calendar of one's own, at an address that can be taken back.
	bob.Slash(s.team, "/candide jury calendrier")
	address := regexp.MustCompile(`/calendrier/\S+\.ics`)
	path := address.FindString(bob.WaitPost(bob.DMChannel(s.bot), harness.By(s.bot), harness.Contains("Cette adresse est un secret")).Message)
	if status, body := s.get(t, path); status != http.StatusOK || !strings.Contains(body, "DTSTART:20201203T090000Z") || strings.Contains(body, "Camille") {
		t.Errorf("the calendar: HTTP %d\n%s", status, body)
	}
	bob.Slash(s.team, "/candide jury calendrier retirer")
	bob.WaitPost(bob.DMChannel(s.bot), harness.By(s.bot), harness.Contains("ne donne plus rien"))
	if status, _ := s.get(t, path); status != http.StatusNotFound {
		t.Errorf("the calendar taken back: HTTP %d", status)
	}

	// One reminder skipped; the nudge at J-2 for who has not answered; the others on time.
	s.rose.Slash(s.staff, "/candide jury rappels 1")
	s.rose.Press(s.rose.WaitEphemeral(harness.HasButton("Sauter J-1")), "Sauter J-1")
	s.rose.WaitEphemeral(harness.HasButton("Remettre J-1"))
	s.again(t, time.Date(2020, 12, 1, 9, 0, 1, 0, time.UTC))
	s.rose.WaitPost(s.team, harness.By(s.bot), harness.Contains("Rappel : Premier jury", "dans 2 jours", "Ce rappel part avec retard"))
	nudge := s.rose.WaitPost(s.team, harness.By(s.bot), harness.Contains("Qui sera là ?", "@"+s.rose.Username))
	if strings.Contains(nudge.Message, bob.Username) {
		t.Errorf("one who answered is asked again: %q", nudge.Message)
	}
	s.rose.Press(nudge, "Je serai là")
	bob.WaitUpdate(card, harness.Contains("@"+s.rose.Username+" (sera là)"))
	s.again(t, time.Date(2020, 12, 3, 8, 0, 1, 0, time.UTC))
	bob.WaitPost(s.team, harness.By(s.bot), harness.Contains("Rappel : Premier jury", "dans 59 minutes"))
	if n := len(s.reminders(bob, "Premier jury")); n != 2 { // J-7 was late, and H-1; not J-1
		t.Errorf("%d reminders", n)
	}

	// Cancelled: announced, the card without buttons, a calendar that takes it back.
	s.rose.Slash(s.staff, "/candide jury annuler 1 grève")
	cancelled := bob.WaitPost(s.team, harness.By(s.bot), harness.Contains("Annulé : Premier jury", "Motif : grève"))
	if c := calendarOf(t, bob, cancelled); !strings.Contains(c, "METHOD:CANCEL") || !strings.Contains(c, "SEQUENCE:2") {
		t.Errorf("the cancellation's calendar:\n%s", c)
	}
	last := bob.WaitUpdate(card, harness.Contains("Annulé : jury n° 1"))
	if harness.HasButton("Je serai là")(last) {
		t.Error("a cancelled jury's card has buttons")
	}
}

// again stops the bot and starts it at another time, on the same data.
func (s *stage) again(t *testing.T, at time.Time) {
	t.Helper()
	if err := s.candide.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.candide.SetClock(at)
	if err := s.candide.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// get asks the bot's server for a path.
func (s *stage) get(t *testing.T, path string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.candide.URL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}
