package e2e

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/e2e/harness"
)

// interested makes alice leave her interest.
func (s *stage) interested(t *testing.T) {
	t.Helper()
	s.alice.Slash(s.town, "/candide interet")
	s.fillIn(t, s.town, func(m ...harness.Match) *model.Post { return s.alice.WaitEphemeral(m...) }, "Alice A.")
}

// withFiles waits for a post of the bot in somebody's direct conversation, sent with its files.
func (s *stage) withFiles(u *harness.User, text string) *model.Post {
	direct, found := u.DMChannel(s.bot), (*model.Post)(nil)
	u.WaitEvent(model.WebsocketEventPosted, func(e *model.WebSocketEvent) bool {
		post, err := harness.PostOf(e)
		found = post
		return err == nil && post.ChannelId == direct.Id && strings.Contains(post.Message, text) && len(post.FileIds) > 0
	})
	return found
}

// TestFollowingCandidates: each command on candidates, figures and changes once right, once wrong, once by an outsider.
func TestFollowingCandidates(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.rose.Slash(s.staff, "/candide candidats export")
	s.rose.WaitEphemeral(harness.Contains("Personne n’a encore"))
	s.interested(t)

	for _, command := range []string{
		"candidats", "candidats liste", "candidats voir 1", "candidats étape 1 jury", "candidats note 1 vue", "candidats export",
		"candidats relancer", "stats", "journal", "candidates list", "changes",
	} {
		s.oto.Slash(s.town, "/candide "+command)
		s.oto.WaitEphemeral(harness.Contains("réservée à l’équipe"))
	}
	for _, wrong := range []struct{ command, want string }{
		{"candidats liste loin", "Je ne connais pas l’étape « loin »"},
		{"candidats voir sept", "Il faut un numéro"},
		{"candidats voir 9", "Il n’y a pas de n° 9"},
		{"candidats étape 1 loin", "Les étapes : nouveau, contacté"},
		{"candidats etape 9 jury", "Il n’y a pas de n° 9"},
		{"candidats étap 1 jury", "candidats étape"},
		{"candidats note", "candidats note 1"},
		{"candidats relancer", "à partir du vendredi 20 novembre 2020"},
		{"stats hier", "Je n’ai pas compris la durée"},
		{"journal 99", "Rien n’a encore été changé"},
	} {
		s.rose.Slash(s.staff, "/candide "+wrong.command)
		s.rose.WaitEphemeral(harness.Contains(wrong.want))
	}

	// By words, by buttons and by dialogs.
	s.rose.Slash(s.staff, "/candide CANDIDATS ETAPE 1 contacte")
	s.rose.WaitEphemeral(harness.Contains("N° 1 : nouveau → contacté"))
	s.rose.Slash(s.staff, "/candide candidats liste contacté")
	list := s.rose.WaitEphemeral(harness.Contains("Alice A.", "contacté"))
	s.rose.Press(list, button(t, list, "Voir n° 1"))
	card := s.rose.WaitEphemeral(harness.Contains("alice@example.org"))
	s.rose.Press(card, button(t, card, "Passer à : a candidaté"))
	s.rose.WaitEphemeral(harness.Contains("contacté → a candidaté"))
	s.rose.Press(card, button(t, card, "Autre étape"))
	s.rose.SubmitDialog(s.rose.WaitDialog(s.staff), map[string]any{"stage": "jury"})
	s.rose.WaitEphemeral(harness.Contains("a candidaté → jury"))
	s.rose.Press(card, button(t, card, "Ajouter une note"))
	s.rose.SubmitDialog(s.rose.WaitDialog(s.staff), map[string]any{"note": "=HYPERLINK(\"http://example.org\")"})
	s.rose.WaitEphemeral(harness.Contains("C’est noté pour le n° 1"))
	s.rose.Slash(s.staff, "/candide candidats note 1 rappelée lundi")
	s.rose.WaitEphemeral(harness.Contains("C’est noté pour le n° 1"))
	s.rose.Slash(s.staff, "/candide candidates view 1")
	s.rose.WaitEphemeral(harness.Contains("Étape : jury", s.rose.Username+" : rappelée lundi"))

	s.rose.Slash(s.staff, "/candide candidats export")
	files := s.rose.Files(s.withFiles(s.rose, "données personnelles"))
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(files["candidats.csv"], []byte("\ufeff")))).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][2] != "Alice A." || strings.Contains(rows[1][12], "\n=") {
		t.Errorf("the table: %q, %v", rows, err)
	}
	var candidates []struct {
		Name, Stage string
		Notes       []struct{ Text string }
	}
	if err := json.Unmarshal(files["candidats.json"], &candidates); err != nil || len(candidates) != 1 || candidates[0].Stage != "jury" || len(candidates[0].Notes) != 2 {
		t.Errorf("the tree: %+v, %v", candidates, err)
	}

	s.rose.Post(s.town, s.at()+" stats 7j")
	figures := s.withFiles(s.rose, "| jury | 1 |")
	if strings.Contains(figures.Message, "Alice") {
		t.Errorf("the figures name somebody: %s", figures.Message)
	}
	if picture, err := png.Decode(bytes.NewReader(s.rose.Files(figures)["stats.png"])); err != nil || picture.Bounds().Dx() < 500 {
		t.Errorf("the picture: %v", err)
	}

	s.rose.Slash(s.staff, "/candide journal 1")
	log := s.rose.WaitEphemeral(harness.Contains("**Les 6 derniers changements**", s.rose.Username+", changement d’étape (a candidaté → jury) (n° 1)", "la personne elle-même"))
	if strings.Contains(log.Message, "Alice") || strings.Contains(log.Message, "rappelée") {
		t.Errorf("the log says more than references: %s", log.Message)
	}
	s.rose.Slash(s.staff, "/candide journal")
	s.rose.WaitEphemeral(harness.Contains(s.rose.Username + ", export (campagne"))

	for _, channel := range []*model.Channel{s.town, s.staff} {
		if strings.Contains(transcript(s.rose.Recent(channel)), "Alice A.") {
			t.Errorf("her name stands in %s", channel.Name)
		}
	}

	// She withdraws, and comes back.
	s.alice.Slash(s.town, "/candide interet retirer")
	s.alice.WaitEphemeral(harness.Contains("tu te retires (n° 1)"))
	s.rose.Slash(s.staff, "/candide candidats liste désisté·e")
	s.rose.WaitEphemeral(harness.Contains("Alice A."))
	s.oto.Slash(s.town, "/candide interet retirer")
	s.oto.WaitEphemeral(harness.Contains("rien à retirer"))
}

func TestUnderFifteen(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.alice.Slash(s.town, "/candide interet")
	notice := s.alice.WaitEphemeral(harness.Contains("Avant de commencer"))
	s.alice.Press(notice, "J’ai moins de 15 ans")
	s.alice.WaitEphemeral(harness.Contains("moins de 15 ans, et rien n’est enregistré", "une vraie personne te répondra"))
	// A dash is no name.
	s.alice.Slash(s.town, "/candide interet")
	notice = s.alice.WaitEphemeral(harness.Contains("Avant de commencer"))
	s.alice.Press(notice, button(t, notice, "accepte"))
	who := s.alice.WaitDialog(s.town)
	answer, err := s.alice.TrySubmitDialog(who, map[string]any{"name": "-", "reach": "alice@example.org", "level": "junior"})
	if err != nil || answer.Errors["name"] == "" {
		t.Errorf("a dash is taken for a name: %v %v", answer, err)
	}
	s.rose.Slash(s.staff, "/candide candidats")
	s.rose.WaitEphemeral(harness.Contains("Personne n’a encore"))
}

// TestErasureReachesPosts: what the bot showed of somebody, to themselves and to recruiters, goes with their data, and
// the file holds nothing of them once the receipt is there.
func TestErasureReachesPosts(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.interested(t)
	s.rose.Slash(s.town, "/candide candidats voir 1") // in public: by direct message
	card := s.rose.WaitPost(s.rose.DMChannel(s.bot), harness.By(s.bot), harness.Contains("Alice A."))
	s.rose.Slash(s.staff, "/candide candidats export")
	exported := s.withFiles(s.rose, "données personnelles")
	s.rose.Slash(s.staff, "/candide candidats note 1 note secrète")
	s.rose.WaitEphemeral(harness.Contains("C’est noté"))

	s.alice.DM(s.bot, "mes données")
	data := s.withFiles(s.alice, "dans le fichier joint")
	kept := string(s.alice.Files(data)["mes-donnees.json"])
	for _, must := range []string{"Alice A.", "alice@example.org", "note secrète", card.Id, `"action": "note"`} {
		if !strings.Contains(kept, must) {
			t.Errorf("her data lack %q: %s", must, kept)
		}
	}
	if strings.Contains(kept, s.rose.Id) {
		t.Error("her data name the recruiter")
	}

	direct := s.alice.DMChannel(s.bot)
	s.alice.DM(s.bot, "effacer mes données")
	sure := s.alice.WaitPost(direct, harness.By(s.bot), harness.HasButton("Oui, tout effacer"))
	s.alice.Press(sure, "Oui, tout effacer")
	receipt := s.alice.WaitUpdate(sure, harness.Contains("tout ce que je gardais sur toi est effacé", "messages du robot", "les sauvegardes le"))
	for _, must := range []string{"lundi 16 novembre 2020", "mercredi 16 décembre 2020", "ne peux pas atteindre", "a exportés", "journal des changements"} {
		if !strings.Contains(receipt.Message, must) {
			t.Errorf("the receipt lacks %q: %s", must, receipt.Message)
		}
	}
	s.rose.WaitGone(card)
	s.rose.WaitGone(exported)
	s.alice.WaitGone(data)
	src, err := os.ReadFile(filepath.Join(filepath.Dir(s.candide.ConfigPath()), "candide.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"Alice A.", "alice@example.org", "note secrète", s.alice.Id} {
		if bytes.Contains(src, []byte(word)) {
			t.Errorf("%q is still in the file", word)
		}
	}
	s.alice.DM(s.bot, "mes données")
	s.alice.WaitPost(direct, harness.By(s.bot), harness.Contains("Je ne garde rien sur toi"))
	s.rose.Slash(s.staff, "/candide candidats voir 1")
	s.rose.WaitEphemeral(harness.Contains("Il n’y a pas de n° 1"))
	s.rose.Slash(s.staff, "/candide journal 1")
	s.rose.WaitEphemeral(harness.Contains("la personne elle-même, effacement à sa demande (n° 1)"))
}

// TestMorningDigest: at half past eight by the bot's clock, in the recruiters' channel, without a name; once, also
// across a restart.
func TestMorningDigest(t *testing.T) {
	t.Parallel()
	morning := time.Date(2020, 11, 17, 7, 29, 50, 0, time.UTC) // ten seconds before half past eight in Paris
	s := play(t, func(c *harness.Config) { c.At = morning })
	s.interested(t)
	digest := s.rose.WaitPost(s.staff, harness.By(s.bot), harness.Contains("Le point du matin", "mardi 17 novembre 2020", "n° 1 · nouveau"))
	if strings.Contains(harness.Text(digest), "Alice") {
		t.Errorf("the digest names somebody: %s", harness.Text(digest))
	}
	s.rose.Press(digest, "Voir n° 1")
	s.rose.WaitPost(s.rose.DMChannel(s.bot), harness.By(s.bot), harness.Contains("Alice A."))
	if err := s.candide.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.candide.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.rose.Slash(s.staff, "/candide candidats")
	s.rose.WaitEphemeral(harness.Contains("Alice A."))
	n := 0
	for _, post := range s.rose.Recent(s.staff) {
		if strings.Contains(post.Message, "Le point du matin") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d digests", n)
	}
}

// TestWritingBeforeTheClosing: one click, after the preview, writes to her, once.
func TestWritingBeforeTheClosing(t *testing.T) {
	t.Parallel()
	s := play(t, func(c *harness.Config) { c.At = time.Date(2020, 11, 21, 9, 0, 0, 0, time.UTC) })
	s.interested(t)
	s.rose.Slash(s.staff, "/candide candidats relancer")
	preview := s.rose.WaitEphemeral(harness.Contains("à 1 personne (n° 1)", "lundi 23 novembre 2020"))
	direct := s.alice.DMChannel(s.bot)
	if said := transcript(s.alice.Recent(direct)); strings.Contains(said, "laissé tes coordonnées") {
		t.Errorf("written before the click: %s", said)
	}
	s.rose.Press(preview, button(t, preview, "Envoyer à 1 personne"))
	letter := s.alice.WaitPost(direct, harness.By(s.bot), harness.Contains("Tu as laissé tes coordonnées", "lundi 23 novembre 2020 à 23 h 59"))
	s.rose.WaitEphemeral(harness.Contains("C’est envoyé à 1 personne"))
	s.rose.Slash(s.staff, "/candide candidats relancer")
	s.rose.WaitEphemeral(harness.Contains("Personne n’est à prévenir"))
	s.alice.Press(letter, button(t, letter, "Me retirer"))
	s.alice.WaitPost(direct, harness.By(s.bot), harness.Contains("tu te retires"))
}

// agreed makes oto leave an interest by direct messages, and agree to hear of other campaigns.
func (s *stage) agreed() {
	direct := s.oto.DMChannel(s.bot)
	for _, turn := range []struct{ say, answer string }{
		{"interet", "Avant de commencer"}, {"1", "Ton nom"}, {"Otto O.", "Comment te joindre"}, {"oto@example.org", "Ton expérience"},
		{"2", "Équipes ou sujets"}, {"passer", "Message"}, {"passer", "autres campagnes"}, {"2", "c’est enregistré"},
	} {
		s.oto.DM(s.bot, turn.say)
		s.oto.WaitPost(direct, harness.By(s.bot), harness.Contains(turn.answer))
	}
}

// TestRetention: a night four months later, whoever agreed to the campaign alone is forgotten, in the file and in what
// the bot had shown to recruiters; a night almost two years later, whoever agreed to more is asked, and stays by saying
// yes.
func TestRetention(t *testing.T) {
	t.Parallel()
	s := newStage(t, harness.NewWorld(t))
	s.MakeTeamAdmin(s.bot)
	var c harness.Config
	s.start(t, func(config *harness.Config) {
		config.Dir = harness.TempDir(t)
		c = *config
	})
	s.interested(t)
	s.agreed()
	s.rose.DM(s.bot, "candidats voir 1")
	card := s.rose.WaitPost(s.rose.DMChannel(s.bot), harness.By(s.bot), harness.Contains("Alice A."))

	// nightly restarts the bot ten seconds before half past three in Paris.
	nightly := func(year int, month time.Month, day, hour int) {
		t.Helper()
		if err := s.candide.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.At = time.Date(year, month, day, hour, 29, 50, 0, time.UTC)
		s.candide = s.Candide(s.bot, c)
	}
	nightly(2021, 3, 22, 2) // three months after the decisions, of 21 December
	s.rose.WaitGone(card)
	s.rose.Slash(s.staff, "/candide candidats")
	list := s.rose.WaitEphemeral(harness.Contains("Otto O."))
	if strings.Contains(list.Message, "Alice") {
		t.Errorf("she is still listed: %s", list.Message)
	}
	until(t, "her name to leave the file", func() bool {
		src, err := os.ReadFile(filepath.Join(c.Dir, "candide.db"))
		if err != nil {
			t.Fatal(err)
		}
		return !bytes.Contains(src, []byte("Alice A.")) && !bytes.Contains(src, []byte("alice@example.org")) && bytes.Contains(src, []byte("Otto O."))
	})

	nightly(2022, 10, 17, 1) // a month before two years are over
	direct := s.oto.DMChannel(s.bot)
	question := s.oto.WaitPost(direct, harness.By(s.bot), harness.Contains("Je l’oublierai", "mercredi 16 novembre 2022"))
	s.oto.Press(question, "Oui, les garder")
	s.oto.WaitUpdate(question, harness.Contains("l’accord est gardé jusqu’au jeudi 17 octobre 2024"))
	s.rose.Slash(s.staff, "/candide candidats voir 2")
	s.rose.WaitEphemeral(harness.Contains("Otto O.", "autres campagnes : oui"))
}
