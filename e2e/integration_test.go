package e2e

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/e2e/harness"
)

// integration stands in for Candide: a program that the server calls back.
// Each of its pages answers what a test set, and hands on what it was sent.
type integration struct {
	*httptest.Server
	bot *harness.Bot
	// refuse is the answer to the next dialogs; nil accepts.
	refuse  map[string]string
	dialogs chan model.SubmitDialogRequest
	actions chan model.PostActionIntegrationRequest
}

// newIntegration serves /command, /action and /dialog.
func newIntegration(t *testing.T, bot *harness.Bot) *integration {
	in := &integration{
		bot:     bot,
		dialogs: make(chan model.SubmitDialogRequest, 10),
		actions: make(chan model.PostActionIntegrationRequest, 10),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /command", in.command)
	mux.HandleFunc("POST /action", in.action)
	mux.HandleFunc("POST /dialog", in.dialog)
	in.Server = httptest.NewServer(mux)
	t.Cleanup(in.Close)
	return in
}

// command opens a dialog for "form", fails for "panne", and otherwise answers
// in private, with a button.
func (in *integration) command(w http.ResponseWriter, r *http.Request) {
	switch r.FormValue("text") {
	case "form":
		if err := in.open(r.Context(), r.FormValue("trigger_id")); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	case "panne":
		http.Error(w, "en panne", http.StatusInternalServerError)
	default:
		answer(w, model.CommandResponse{
			ResponseType: model.CommandResponseTypeEphemeral,
			Text:         "Reçu : " + r.FormValue("text"),
			Attachments:  in.buttons(),
		})
	}
}

// open shows a dialog with one field of each kind.
func (in *integration) open(ctx context.Context, trigger string) error {
	_, err := in.bot.Client.OpenInteractiveDialog(ctx, model.OpenDialogRequest{
		TriggerId: trigger,
		URL:       in.URL + "/dialog",
		Dialog: model.Dialog{
			Title: "Intérêt", State: "signé", CallbackId: "interet", SubmitLabel: "Envoyer",
			Elements: []model.DialogElement{
				{DisplayName: "Nom", Name: "nom", Type: "text", MaxLength: 50},
				{DisplayName: "Mots", Name: "mots", Type: "textarea", MaxLength: 500, Optional: true},
				{DisplayName: "Lieu", Name: "lieu", Type: "select", Default: "paris", Options: []*model.PostActionOptions{
					{Text: "Paris", Value: "paris"}, {Text: "Lyon", Value: "lyon"},
				}},
				{DisplayName: "Accord", Name: "accord", Type: "bool"},
			},
		},
	})
	return err
}

// dialog accepts or refuses a submission.
func (in *integration) dialog(w http.ResponseWriter, r *http.Request) {
	var request model.SubmitDialogRequest
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	in.dialogs <- request
	answer(w, model.SubmitDialogResponse{Errors: in.refuse})
}

// action replaces the post of a stored button, opens a dialog for "Modifier"
// and says something in private for the others.
func (in *integration) action(w http.ResponseWriter, r *http.Request) {
	var request model.PostActionIntegrationRequest
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	in.actions <- request
	var response model.PostActionIntegrationResponse
	switch request.Context["do"] {
	case "prendre":
		response.Update = &model.Post{Message: "Pris par " + request.UserName}
		response.Update.SetProps(model.StringInterface{})
	case "modifier":
		if err := in.open(r.Context(), request.TriggerId); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	default:
		response.EphemeralText = "Noté"
	}
	answer(w, response)
}

// buttons returns an attachment with two buttons and a menu.
func (in *integration) buttons() []*model.MessageAttachment {
	button := func(id, name string) *model.PostAction {
		return &model.PostAction{
			Id: id, Name: name, Type: model.PostActionTypeButton,
			Integration: &model.PostActionIntegration{URL: in.URL + "/action", Context: map[string]any{"do": id}},
		}
	}
	menu := button("etape", "Étape")
	menu.Type = model.PostActionTypeSelect
	menu.Options = []*model.PostActionOptions{{Text: "Entretien", Value: "e"}, {Text: "Refus", Value: "r"}}
	return []*model.MessageAttachment{{
		Text: "Que faire ?", Actions: []*model.PostAction{button("prendre", "Je m'en charge"), button("modifier", "Modifier"), menu},
	}}
}

// answer writes v as JSON, without which the server shows an error.
func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func TestSlashCommandAndDialog(t *testing.T) {
	t.Parallel()
	w := harness.NewWorld(t)
	town := w.Public("recrutement")
	alice, bot := w.User("alice", town), w.Bot("candide", town)
	in := newIntegration(t, bot)
	w.Command("candide", in.URL+"/command")

	alice.Slash(town, "/candide aide")
	private := alice.WaitEphemeral(harness.Contains("Reçu : aide"), harness.HasButton("Modifier"))
	if _, err := alice.TrySlash(town, "/candide panne"); err == nil {
		t.Error("a command that fails is no error")
	}
	if _, err := alice.TrySlash(town, "/inconnue"); err == nil {
		t.Error("an unknown command is no error")
	}
	alice.Slash(alice.DMChannel(bot), "/candide en privé")
	alice.WaitEphemeral(harness.Contains("Reçu : en privé"))

	// The button of an ephemeral post works, by its cookie.
	alice.Press(private, "Modifier")
	alice.CancelDialog(alice.WaitDialog(town))

	alice.Slash(town, "/candide form")
	form := alice.WaitDialog(town)
	in.refuse = map[string]string{"nom": "Le nom est trop court."}
	answer, err := alice.TrySubmitDialog(form, map[string]any{"nom": "A", "accord": true})
	if err != nil || answer.Errors["nom"] == "" {
		t.Errorf("a refused field: %v, %v", answer, err)
	}
	<-in.dialogs
	in.refuse = nil
	alice.SubmitDialog(form, map[string]any{"nom": "Alice", "accord": true})
	got := <-in.dialogs
	if got.State != "signé" || got.CallbackId != "interet" || got.UserId != alice.Id || got.ChannelId != town.Id {
		t.Errorf("the submission: %+v", got)
	}
	want := map[string]any{"nom": "Alice", "mots": "", "lieu": "paris", "accord": true}
	for name, value := range want {
		if got.Submission[name] != value {
			t.Errorf("submitted %s: %v, want %v", name, got.Submission[name], value)
		}
	}

	// A forged answer gets through the server: it is for the bot to check.
	forged := model.SubmitDialogRequest{
		URL: form.URL, CallbackId: "interet", State: "falsifié", ChannelId: town.Id, TeamId: w.Team.Id,
		Submission: map[string]any{"nom": 7},
	}
	if _, err := alice.SendDialog(forged); err != nil {
		t.Errorf("a forged answer: %v", err)
	}
	if got := <-in.dialogs; got.State != "falsifié" {
		t.Errorf("the forged state: %q", got.State)
	}
}

func TestButtons(t *testing.T) {
	t.Parallel()
	w := harness.NewWorld(t)
	jury := w.Private("jury")
	alice, bob, outsider := w.User("alice", jury), w.User("bob", jury), w.User("carol")
	bot := w.Bot("candide", jury)
	in := newIntegration(t, bot)

	post := &model.Post{ChannelId: jury.Id, Message: "Une question"}
	model.ParseMessageAttachment(post, in.buttons())
	if _, _, err := bot.Client.CreatePost(t.Context(), post); err != nil {
		t.Fatal(err)
	}
	question := alice.WaitPost(jury, harness.By(bot), harness.HasButton("Je m'en charge"))

	if err := outsider.TryPress(question, "Je m'en charge"); err == nil {
		t.Error("someone outside the channel presses a button")
	}
	bob.Choose(question, "Étape", "Refus")
	if got := <-in.actions; got.Context["selected_option"] != "r" || got.UserId != bob.Id {
		t.Errorf("the choice in a menu: %+v", got)
	}
	bob.WaitEphemeral(harness.Contains("Noté"))

	alice.Press(question, "Je m'en charge")
	if got := <-in.actions; got.PostId != question.Id || got.ChannelId != jury.Id || got.TriggerId == "" {
		t.Errorf("the press of a button: %+v", got)
	}
	updated := bob.WaitUpdate(question, harness.Contains("Pris par "+alice.Username))
	if harness.HasButton("Je m'en charge")(updated) {
		t.Error("the buttons stayed after an update with empty props")
	}
}

func TestBotCreatesItsCommand(t *testing.T) {
	t.Parallel()
	w := harness.NewWorld(t)
	bot := w.Bot("candide")
	command := &model.Command{TeamId: w.Team.Id, Trigger: "candide", URL: "http://127.0.0.1:1/", Method: model.CommandMethodPost}
	_, resp, err := bot.Client.CreateCommand(t.Context(), command)
	if err == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("a plain bot creates a command: %v", err)
	}
	w.MakeTeamAdmin(bot)
	created, _, err := bot.Client.CreateCommand(t.Context(), command)
	if err != nil || created.Token == "" {
		t.Errorf("a team administrator bot cannot create a command: %v", err)
	}
}
