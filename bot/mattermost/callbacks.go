package mattermost

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/bot"
	"candide/internal/prose"
)

// Where the server calls back, below PublicURL.
const (
	commandPath = "/mattermost/command"
	actionPath  = "/mattermost/action"
	dialogPath  = "/mattermost/dialog"
)

const (
	// maxCallback is the largest request taken, in bytes.
	maxCallback = 256 << 10
	// answerWithin is how long the answer to a button waits for something private to say with it.
	answerWithin = 700 * time.Millisecond
	// lookWithin bounds what is asked of the server before a callback is answered.
	lookWithin = time.Second
	// formWithin bounds the wait for what is wrong with a dialog; the server itself waits 30 s at most.
	formWithin = 20 * time.Second
)

// Routes mounts what the server calls. It answers 503 until the platform is connected.
func (p *Platform) Routes(mux *http.ServeMux) {
	mux.HandleFunc("POST "+commandPath, p.serve(p.command))
	mux.HandleFunc("POST "+actionPath, p.serve(p.action))
	mux.HandleFunc("POST "+dialogPath, p.serve(p.dialog))
}

// refusal is why a callback gets no effect: a status and a reason for the log, which holds no personal data.
type refusal struct {
	status int
	reason string
}

func (r refusal) Error() string { return r.reason }

func forbidden(reason string) error { return refusal{http.StatusForbidden, reason} }

// serve answers with what handle returns, as JSON: anything else would show the person an error.
func (p *Platform) serve(handle func(*http.Request, *home, []byte) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := func() (any, error) {
			h, err := p.at()
			if err != nil || p.sink() == nil {
				return nil, refusal{http.StatusServiceUnavailable, "not connected yet"}
			}
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCallback))
			if err != nil {
				return nil, refusal{http.StatusRequestEntityTooLarge, "unreadable or too large"}
			}
			return handle(r, h, body)
		}()
		var known refusal
		switch {
		case err == nil:
		case errors.As(err, &known):
			p.log.Warn("callback refused", "path", r.URL.Path, "status", known.status, "reason", known.reason)
			http.Error(w, http.StatusText(known.status), known.status)
			return
		case errors.Is(err, bot.ErrRefused):
			p.log.Warn("callback refused", "path", r.URL.Path, "status", http.StatusForbidden, "reason", err.Error())
			http.Error(w, http.StatusText(http.StatusForbidden), http.StatusForbidden)
			return
		default:
			p.log.Error("callback failed", "path", r.URL.Path, "error", err)
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			p.log.Debug("an answer did not arrive", "path", r.URL.Path, "error", err)
		}
	}
}

// command takes a slash command. The token proves that the server sent it.
func (p *Platform) command(r *http.Request, h *home, body []byte) (any, error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		return nil, refusal{http.StatusUnsupportedMediaType, "not a form"}
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err := r.ParseForm(); err != nil {
		return nil, refusal{http.StatusBadRequest, "not a form"}
	}
	form := r.PostForm
	token := form.Get("token")
	if token == "" {
		_, token, _ = strings.Cut(r.Header.Get("Authorization"), "Token ")
	}
	p.mu.RLock()
	accepted := p.tokens.accept(token)
	p.mu.RUnlock()
	switch {
	case !accepted:
		return nil, forbidden("wrong command token")
	case form.Get("team_id") != h.team.Id:
		return nil, forbidden("another team's command")
	case !model.IsValidId(form.Get("user_id")) || !model.IsValidId(form.Get("channel_id")):
		return nil, forbidden("no person or channel")
	}
	p.callbacks.came()
	look, cancel := context.WithTimeout(r.Context(), lookWithin)
	defer cancel()
	user := p.userOr(look, form.Get("user_id"), form.Get("user_name"))
	from := person(user)
	if from.Bot || user.DeleteAt != 0 {
		return struct{}{}, nil
	}
	ch := p.channelOf(look, form.Get("channel_id"), form.Get("channel_name"))
	place := p.placeOf(h, ch)
	place.Thread = bot.PostID(form.Get("root_id")) // newer servers say in which thread it was typed
	trigger := form.Get("trigger_id")
	ticket, _ := p.tickets.issue(user.Id, ch.Id, trigger, hookID(form.Get("response_url")), false)
	_, err := p.sink().Message(r.Context(), bot.Message{
		ID: commandID(trigger), Place: place, From: from, Text: strings.TrimSpace(form.Get("text")), At: time.Now(),
		Addressed: true, Command: true, Campaign: h.campaign[ch.Id], Lang: h.language(user), Ticket: ticket,
	})
	if err != nil {
		return nil, err
	}
	return struct{}{}, nil
}

// userOr is user, or what the callback says of the person where the server does not tell in time.
func (p *Platform) userOr(ctx context.Context, id, name string) *model.User {
	if u, err := p.user(ctx, id); err == nil {
		return u
	}
	return &model.User{Id: id, Username: name}
}

// channelOf describes a channel that the bot may not be allowed to look at: a slash command is typed anywhere.
func (p *Platform) channelOf(ctx context.Context, id, name string) *model.Channel {
	if strings.Contains(name, "__") {
		return &model.Channel{Id: id, Name: name, Type: model.ChannelTypeDirect}
	}
	if ch, err := p.channel(ctx, id); err == nil {
		return ch
	}
	return &model.Channel{Id: id, Name: name, Type: model.ChannelTypePrivate}
}

// commandID is a command's id for once-only handling: the server gives it none but the trigger, which is unique.
func commandID(trigger string) bot.PostID {
	if trigger == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(trigger))
	return bot.PostID("command-" + base64.RawURLEncoding.EncodeToString(sum[:15]))
}

// hookID takes out of a response_url what matters. The rest is not trusted: the answer goes to the configured server.
func hookID(responseURL string) string {
	if id := path.Base(responseURL); model.IsValidId(id) {
		return id
	}
	return ""
}

// respond answers a slash command after the fact, in private, and reports whether it could.
func (p *Platform) respond(ctx context.Context, via *hook, post bot.Post, channel, root string) bool {
	parts := prose.Split(p.text(post), maxPost)
	for i, part := range parts {
		if !via.use() {
			return false
		}
		response := model.CommandResponse{
			ResponseType: model.CommandResponseTypeEphemeral, Text: part, SkipSlackParsing: true,
		}
		if i == len(parts)-1 {
			response.Attachments = p.attachments(post.Actions, channel, root, true)
			if post.Entry != "" {
				response.Props = model.StringInterface{propEntry: post.Entry}
			}
		}
		if err := p.sendHook(ctx, via.id, response); err != nil {
			p.log.Warn("answering a slash command failed", "error", err)
			via.spoil()
			return false
		}
	}
	return true
}

// sendHook posts to a response_url.
func (p *Platform) sendHook(ctx context.Context, id string, response model.CommandResponse) error {
	body, err := json.Marshal(response)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.o.URL+"/hooks/commands/"+id, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := p.client.HTTPClient.Do(req)
	if err != nil {
		return brief(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return refusal{resp.StatusCode, "the server answers " + resp.Status}
	}
	return nil
}

// actionContext is what a button carries. Users do not see it.
func (p *Platform) actionContext(key, channel, root string, private bool) map[string]any {
	mode := ""
	if private {
		mode = "private"
	}
	return map[string]any{"k": key, "r": root, "m": mode, "s": p.secret.sign("action", key, channel, root, mode)}
}

// action takes a button pressed. Anybody in the channel may press it; the runtime knows whose it is.
func (p *Platform) action(r *http.Request, h *home, body []byte) (any, error) {
	var req model.PostActionIntegrationRequest
	if err := json.Unmarshal(body, &req); err != nil {
		return nil, refusal{http.StatusBadRequest, "not JSON"}
	}
	part := func(name string) string { s, _ := req.Context[name].(string); return s }
	if nonce := part("probe"); nonce != "" && req.UserId == h.me.Id {
		p.callbacks.arrived(nonce) // or it is the doctor's, who only needs an answer
		return struct{}{}, nil
	}
	key, root, mode := part("k"), part("r"), part("m")
	if key == "" || !p.secret.verify(part("s"), "action", key, req.ChannelId, root, mode) {
		return nil, forbidden("a button that the bot did not make, or not there")
	}
	p.callbacks.came()
	if req.TeamId != "" && req.TeamId != h.team.Id {
		return nil, forbidden("another team's button")
	}
	look, cancel := context.WithTimeout(r.Context(), lookWithin)
	defer cancel()
	user := p.userOr(look, req.UserId, req.UserName)
	place := p.placeOf(h, p.channelOf(look, req.ChannelId, req.ChannelName))
	place.Thread = bot.PostID(root)
	private := mode == "private"
	ticket, waiting := p.tickets.issue(user.Id, req.ChannelId, req.TriggerId, "", true)
	press := bot.Press{
		Key: key, Person: person(user), Place: place, Post: bot.PostID(req.PostId),
		Lang: h.language(user), Ticket: ticket, Private: private,
	}
	if private {
		press.Post = "" // an ephemeral post cannot be changed
	}
	done, err := p.sink().Press(r.Context(), press)
	if err != nil {
		return nil, err
	}
	select {
	case <-done:
	case <-time.After(answerWithin):
	}
	return model.PostActionIntegrationResponse{EphemeralText: waiting.answered(), SkipSlackParsing: true}, nil
}
