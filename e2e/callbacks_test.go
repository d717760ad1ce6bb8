package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/e2e/harness"
)

// recorder stands between the server and candide and keeps what the server sends, so that a test can send it again.
type recorder struct {
	*httptest.Server
	ready  chan struct{}
	target *url.URL

	mu   sync.Mutex
	sent map[string][][]byte // by path
}

func newRecorder(t *testing.T) *recorder {
	rec := &recorder{ready: make(chan struct{}), sent: map[string][][]byte{}}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(rec.target) }}
	rec.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		rec.mu.Lock()
		rec.sent[r.URL.Path] = append(rec.sent[r.URL.Path], body)
		rec.mu.Unlock()
		select {
		case <-rec.ready:
		case <-r.Context().Done():
			return
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(rec.Close)
	return rec
}

// leadTo says where what comes goes on to.
func (rec *recorder) leadTo(t *testing.T, address string) {
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	rec.target = u
	close(rec.ready)
}

// last returns the newest request of a path.
func (rec *recorder) last(t *testing.T, path string) []byte {
	t.Helper()
	rec.mu.Lock()
	defer rec.mu.Unlock()
	all := rec.sent[path]
	if len(all) == 0 {
		t.Fatalf("the server never called %s", path)
	}
	return all[len(all)-1]
}

// send posts a body to candide and returns the status.
func (s *stage) send(t *testing.T, path, kind string, body []byte) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.candide.URL()+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// commandToken is what the server proves itself with.
func (s *stage) commandToken(t *testing.T) string {
	t.Helper()
	list, _, err := s.Admin.Client.ListCommands(t.Context(), s.Team.Id, true)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(c *model.Command) bool { return c.Trigger == s.trigger() })
	if i < 0 {
		t.Fatal("there is no slash command")
	}
	return list[i].Token
}

// forgeCommand sends a slash command as the server would.
func (s *stage) forgeCommand(t *testing.T, token, user, channel, text string) int {
	t.Helper()
	form := url.Values{
		"token": {token}, "team_id": {s.Team.Id}, "user_id": {user}, "channel_id": {channel}, "text": {text},
		"command": {"/candide"}, "trigger_id": {model.NewId()},
	}
	return s.send(t, "/mattermost/command", "application/x-www-form-urlencoded", []byte(form.Encode()))
}

// altered returns a JSON object with one value changed; a dot goes into an inner object.
func altered(t *testing.T, body []byte, path string, value any) []byte {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal(body, &object); err != nil {
		t.Fatal(err)
	}
	inner, name := object, path
	if outer, rest, ok := strings.Cut(path, "."); ok {
		inner, name = object[outer].(map[string]any), rest
	}
	inner[name] = value
	out, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestForgedCallbacksHaveNoEffect(t *testing.T) {
	t.Parallel()
	rec := newRecorder(t)
	s := newStage(t, harness.NewWorld(t))
	s.MakeTeamAdmin(s.bot)
	s.start(t, func(c *harness.Config) { c.PublicURL = rec.URL })
	rec.leadTo(t, s.candide.URL())
	forbidden := func(what string, status int) {
		t.Helper()
		if status != http.StatusForbidden {
			t.Errorf("%s: HTTP %d, not 403", what, status)
		}
	}

	// Slash commands: without, with a wrong, with the right token; another team's.
	token := s.commandToken(t)
	for _, wrong := range []string{"", "x", token[:25], token + "x", strings.ToUpper(token)} {
		forbidden("a command with the token "+wrong, s.forgeCommand(t, wrong, s.rose.Id, s.staff.Id, "pause"))
	}
	if got := s.forgeCommand(t, token, s.alice.Id, s.town.Id, "aide"); got != http.StatusOK {
		t.Errorf("the right token is refused: HTTP %d", got)
	}
	form := url.Values{"token": {token}, "team_id": {model.NewId()}, "user_id": {s.rose.Id}, "channel_id": {s.staff.Id}, "text": {"pause"}}
	forbidden("another team's command", s.send(t, "/mattermost/command", "application/x-www-form-urlencoded", []byte(form.Encode())))

	// A button: unsigned, altered, moved to another channel or post, pressed by somebody else, replayed.
	const jsonType = "application/json"
	s.alice.Slash(s.town, "/candide effacer-mes-donnees")
	direct := s.alice.DMChannel(s.bot)
	sure := s.alice.WaitPost(direct, harness.By(s.bot), harness.HasButton("Non, ne rien effacer"))
	s.alice.Press(sure, "Non, ne rien effacer")
	s.alice.WaitUpdate(sure, harness.Contains("Rien n’a été effacé"))
	spent := rec.last(t, "/mattermost/action")
	forbidden("a replayed press", s.send(t, "/mattermost/action", jsonType, spent))

	s.alice.DM(s.bot, "effacer-mes-donnees")
	fresh := s.alice.WaitPost(direct, harness.By(s.bot), harness.HasButton("Non, ne rien effacer"))
	if err := s.oto.TryPress(fresh, "Oui, tout effacer"); err == nil {
		t.Error("the server lets an outsider press a button of a direct message")
	}
	question := s.alice.Post(s.town, "Comment candidater ?")
	answer := s.alice.WaitReply(question, harness.By(s.bot), harness.HasButton("Laisser mes coordonnées"))
	s.alice.Press(answer, "Laisser mes coordonnées")
	notice := s.alice.WaitEphemeral(harness.Contains("Avant de commencer")) // she used the slash command here before
	good := rec.last(t, "/mattermost/action")
	for what, body := range map[string][]byte{
		"no JSON at all":           []byte("k=v"),
		"a press without context":  altered(t, good, "context", map[string]any{}),
		"an altered key":           altered(t, good, "context.k", model.NewId()),
		"an altered signature":     altered(t, good, "context.s", "AAAA"),
		"an altered thread":        altered(t, good, "context.r", model.NewId()),
		"an altered mode":          altered(t, good, "context.m", "private"),
		"a press elsewhere":        altered(t, good, "channel_id", s.staff.Id),
		"a press of another post":  altered(t, good, "post_id", question.Id),
		"a press of another team":  altered(t, good, "team_id", model.NewId()),
		"a forged probe":           altered(t, good, "context", map[string]any{"probe": "x"}),
		"a spent key with a probe": altered(t, spent, "context.probe", "x"),
	} {
		want := http.StatusForbidden
		if what == "no JSON at all" {
			want = http.StatusBadRequest
		}
		if got := s.send(t, "/mattermost/action", jsonType, body); got != want {
			t.Errorf("%s: HTTP %d, not %d", what, got, want)
		}
	}

	// A dialog: altered state, somebody else's, replayed.
	s.alice.Press(notice, button(t, notice, "accepte"))
	dialog := s.alice.WaitDialog(s.town)
	fields := map[string]any{"name": "Alice", "reach": "alice@example.org", "level": "junior"}
	if _, err := s.oto.SendDialog(model.SubmitDialogRequest{
		URL: dialog.URL, State: dialog.State, CallbackId: dialog.CallbackId, ChannelId: s.town.Id, TeamId: s.Team.Id,
		Submission: fields,
	}); err == nil {
		t.Error("somebody else's dialog is taken")
	}
	stolen := *dialog
	stolen.State = strings.Replace(dialog.State, ".", ".A", 1)
	if _, err := s.alice.TrySubmitDialog(&stolen, fields); err == nil {
		t.Error("an altered state is taken")
	}
	s.alice.SubmitDialog(dialog, fields)
	forbidden("a replayed dialog", s.send(t, "/mattermost/dialog", jsonType, rec.last(t, "/mattermost/dialog")))

	// Each refusal is a line in the log, without anything personal; nothing was paused, nothing was erased.
	log := s.candide.Log()
	if n := strings.Count(log, "callback refused"); n < 15 {
		t.Errorf("%d refusals in the log", n)
	}
	for _, secret := range []string{s.alice.Id, s.alice.Username, s.oto.Username, token, s.bot.Token, "alice@example.org"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	s.alice.WaitReply(s.alice.Post(s.town, s.at()+" c'est payé combien ?"), harness.By(s.bot), harness.Contains("2 500"))
}

// TestCallbacksAnswerAtOnce: the bot acknowledges while the server does not answer it, and works on behind.
func TestCallbacksAnswerAtOnce(t *testing.T) {
	t.Parallel()
	proxy := between(t)
	s := newStage(t, harness.NewWorld(t))
	s.MakeTeamAdmin(s.bot)
	s.start(t, func(c *harness.Config) { c.MattermostURL = proxy.URL() })
	answer := s.alice.WaitReply(s.alice.Post(s.town, "Comment candidater ?"), harness.HasButton("Laisser mes coordonnées"))
	proxy.Pause()
	begun := time.Now()
	s.oto.Slash(s.town, "/candide c'est payé combien ?")
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("the slash command is acknowledged after %s", took)
	}
	begun = time.Now()
	s.oto.Press(answer, "Laisser mes coordonnées")
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("the button is acknowledged after %s", took)
	}
	proxy.Resume()
	s.oto.WaitEphemeral(harness.Contains("2 500"))
	s.oto.WaitEphemeral(harness.Contains("Avant de commencer"))
}
