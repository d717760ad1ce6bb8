package e2e

import (
	"strings"
	"testing"

	"candide/e2e/harness"
)

// asks asks in public and waits for an answer that holds text.
func (s *stage) asks(by *harness.User, question, text string) {
	post := by.Post(s.town, s.at()+" "+question)
	by.WaitReply(post, harness.By(s.bot), harness.Contains(text))
}

// TestRecruiterEditsTheFAQ: each command once right, once wrong, once as an outsider.
func TestRecruiterEditsTheFAQ(t *testing.T) {
	t.Parallel()
	s := play(t)
	slash := func(command string, want ...string) {
		t.Helper()
		s.rose.Slash(s.staff, "/candide "+command)
		s.rose.WaitEphemeral(harness.Contains(want...))
	}

	for _, command := range []string{
		"faq liste", "faq voir salaire", "faq ajouter", "faq modifier salaire", "faq archiver salaire", "faq historique salaire",
		"faq annuler salaire", "faq questions", "faq tester combien ?",
	} {
		s.oto.Slash(s.town, "/candide "+command)
		s.oto.WaitEphemeral(harness.Contains("réservée à l’équipe"))
	}

	// Right.
	s.rose.Slash(s.staff, "/candide faq liste")
	list := s.rose.WaitEphemeral(harness.Contains("18 fiches en ligne", "2. **Le salaire** · `salaire`"))
	s.rose.Press(list, button(t, list, "2 · Le salaire"))
	seen := s.rose.WaitEphemeral(harness.Contains("2 500 €", "celui du fichier"), harness.HasButton("Modifier"))
	slash("faq tester je gagne combien ?", "Je répondrais avec `salaire`", "Pourquoi")
	slash("faq historique salaire", "n’a jamais été changée")
	slash("faq questions", "Aucune question n’attend")
	// Wrong, or nearly right.
	slash("faq voir salair", "Peut-être l’une de celles-ci")
	slash("faq voir 99", "Il n’y a pas de fiche")
	slash("faq modifer salaire", "`faq modifier`")
	slash("faq annuler salaire", "n’a jamais été changée")
	slash("faq historique", "De quelle fiche")
	slash("faq archiver xyzzy", "Il n’y a pas de fiche")
	slash("faq tester", "Quelle question")
	slash("faq questions 7", "n’attend plus rien")

	// Changed by dialog: what is wrong is said beside its field, nothing is live before the preview is accepted.
	s.rose.Press(seen, "Modifier")
	dialog := s.rose.WaitDialog(s.staff)
	answer, err := s.rose.TrySubmitDialog(dialog, map[string]any{"answer": "Jusqu’au {fermeture}."})
	if err != nil || answer.Errors["answer"] == "" {
		t.Fatalf("an unknown placeholder is taken: %v %v", answer, err)
	}
	s.rose.SubmitDialog(dialog, map[string]any{"answer": "**2 600 € nets** par mois."})
	preview := s.rose.WaitEphemeral(harness.Contains("Aperçu de « Le salaire »", "2 600 €", "Aucune question connue", "anglais n’a pas changé"))
	s.asks(s.alice, "c'est payé combien ?", "2 500 €")
	s.rose.Press(preview, "Enregistrer")
	s.rose.WaitEphemeral(harness.Contains("répond dès maintenant", "version 1"))
	s.asks(s.alice, "c'est payé combien ?", "2 600 €")
	slash("faq historique salaire", "Version 1, modifiée par "+s.rose.Username, "Le fichier")

	// Across a restart, then taken back.
	if err := s.candide.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.candide.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.asks(s.alice, "c'est payé combien ?", "2 600 €")
	slash("faq annuler salaire", "répond de nouveau ainsi", "2 500 €")
	s.asks(s.alice, "c'est payé combien ?", "2 500 €")

	// A new entry, which takes nobody's questions; archived again.
	s.rose.Slash(s.staff, "/candide faq ajouter Y a-t-il des tickets restaurant ?")
	dialog = s.rose.WaitDialog(s.staff)
	s.rose.SubmitDialog(dialog, map[string]any{"answer": "Oui, de **9 €**.", "phrasings": "ya des tickets resto ?"})
	preview = s.rose.WaitEphemeral(harness.Contains("Aperçu", "Sujet reconnu", "9 €"))
	s.rose.Press(preview, "Enregistrer")
	s.rose.WaitEphemeral(harness.Contains("`tickets-restaurant`", "version 1"))
	s.asks(s.alice, "vous donnez des tickets resto ?", "9 €")
	s.rose.Slash(s.staff, "/candide faq archiver tickets-restaurant")
	ask := s.rose.WaitEphemeral(harness.Contains("Archiver « Y a-t-il des tickets restaurant ? »"))
	s.rose.Press(ask, "Archiver la fiche")
	s.rose.WaitEphemeral(harness.Contains("ne répond plus"))
	s.asks(s.alice, "vous donnez des tickets resto ?", "Je n’ai pas la réponse")
	slash("faq liste", "`tickets-restaurant` · archivée")
}

// TestTwoRecruitersEditOneEntry: the later one is told, and loses nothing of what they wrote.
func TestTwoRecruitersEditOneEntry(t *testing.T) {
	t.Parallel()
	s := play(t)
	rita := s.User("rita", s.town, s.staff)
	edit := func(u *harness.User, text string) (save func()) {
		t.Helper()
		u.Slash(s.staff, "/candide faq modifier salaire")
		dialog := u.WaitDialog(s.staff)
		u.SubmitDialog(dialog, map[string]any{"answer": text})
		preview := u.WaitEphemeral(harness.Contains("Aperçu de « Le salaire »", text))
		return func() { u.Press(preview, "Enregistrer") }
	}
	first, second := edit(s.rose, "2 600 € nets."), edit(rita, "2 700 € nets.")
	first()
	s.rose.WaitEphemeral(harness.Contains("répond dès maintenant"))
	second()
	told := rita.WaitEphemeral(harness.Contains("Rien n’est enregistré", s.rose.Username+" a changé « Le salaire »", "2 700 € nets."))
	s.asks(s.alice, "c'est payé combien ?", "2 600 €")
	// From the version of the other, it goes.
	rita.Press(told, "Modifier")
	dialog := rita.WaitDialog(s.staff)
	if got := dialog.Elements[1].Default; !strings.Contains(got, "2 600") {
		t.Errorf("the form begins with %q", got)
	}
	rita.SubmitDialog(dialog, map[string]any{"answer": "2 700 € nets."})
	preview := rita.WaitEphemeral(harness.Contains("Aperçu de « Le salaire »"))
	rita.Press(preview, "Enregistrer")
	rita.WaitEphemeral(harness.Contains("version 2"))
	s.asks(s.alice, "c'est payé combien ?", "2 700 €")
}

// TestFAQByMessages: the same by direct message, step by step.
func TestFAQByMessages(t *testing.T) {
	t.Parallel()
	s := play(t)
	dm := s.rose.DMChannel(s.bot)
	say := func(text string, want ...string) {
		t.Helper()
		s.rose.DM(s.bot, text)
		s.rose.WaitPost(dm, harness.By(s.bot), harness.Contains(want...))
	}
	say("faq voir 2", "Le salaire", "2 500 €")
	say("faq modifier 2", "**Question**", "(1/4)")
	say("garder", "**Réponse**", "(2/4)")
	say("2 650 € nets.", "**Titre court**")
	say("garder", "**Après la clôture**")
	say("passer", "Aperçu de « Le salaire »", "2 650 €")
	say("enregistrer", "répond dès maintenant")
	s.asks(s.alice, "c'est payé combien ?", "2 650 €")
}
