package discordtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// call is one request being answered.
type call struct {
	g     *Guild
	r     *http.Request
	route string
	body  object
	raw   []byte
	list  []any // of a body that is a list
	files map[string][]byte
}

func (c *call) path(name string) string { return c.r.PathValue(name) }

// refusal is an error that Discord answers.
type refusal struct {
	status, code int
	text         string
}

func unknown(what string, code int) *refusal {
	return &refusal{http.StatusNotFound, code, "Unknown " + what}
}

// Refusals.
var (
	noAccess     = &refusal{http.StatusForbidden, 50001, "Missing Access"}
	noPermission = &refusal{http.StatusForbidden, 50013, "Missing Permissions"}
	noDirect     = &refusal{http.StatusForbidden, 50007, "Cannot send messages to this user"}
	threadExists = &refusal{http.StatusBadRequest, 160004, "A thread has already been created for this message"}
	acknowledged = &refusal{http.StatusBadRequest, 40060, "Interaction has already been acknowledged."}
)

// answer is a status and a body; nil: none.
type answer struct {
	status int
	body   any
}

func ok(body any) (answer, *refusal) { return answer{http.StatusOK, body}, nil }

func none() (answer, *refusal) { return answer{http.StatusNoContent, nil}, nil }

type handler func(*call) (answer, *refusal)

func (s *Server) routes(mux *http.ServeMux) {
	for pattern, h := range map[string]handler{
		"GET /gateway":                                                        s.where,
		"GET /users/@me":                                                      (*call).me,
		"GET /users/@me/guilds":                                               (*call).guilds,
		"GET /applications/@me":                                               (*call).application,
		"GET /guilds/{guild_id}/roles":                                        (*call).roles,
		"GET /guilds/{guild_id}/channels":                                     (*call).guildChannels,
		"GET /guilds/{guild_id}/threads/active":                               (*call).threads,
		"GET /guilds/{guild_id}/members/{user_id}":                            (*call).member,
		"GET /guilds/{guild_id}/members/search":                               (*call).search,
		"GET /channels/{channel_id}":                                          (*call).channel,
		"GET /channels/{channel_id}/messages":                                 (*call).messages,
		"GET /channels/{channel_id}/messages/{message_id}":                    (*call).message,
		"POST /channels/{channel_id}/messages":                                (*call).create,
		"PATCH /channels/{channel_id}/messages/{message_id}":                  (*call).edit,
		"DELETE /channels/{channel_id}/messages/{message_id}":                 (*call).remove,
		"POST /channels/{channel_id}/messages/{message_id}/threads":           (*call).begin,
		"POST /users/@me/channels":                                            (*call).direct,
		"GET /applications/{application_id}/commands":                         (*call).getCommands,
		"PUT /applications/{application_id}/commands":                         (*call).setCommands,
		"POST /interactions/{interaction_id}/{interaction_token}/callback":    (*call).callback,
		"POST /webhooks/{webhook_id}/{webhook_token}":                         (*call).follow,
		"PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original":     (*call).editOriginal,
		"DELETE /webhooks/{webhook_id}/{webhook_token}/messages/@original":    (*call).removeOriginal,
		"PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}":  (*call).editFollow,
		"DELETE /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}": (*call).removeFollow,
	} {
		method, route, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" /api/v10"+route, s.serve(route, h))
	}
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		if g := s.guildOf(r); g != nil {
			g.errorf("the stand-in has no route %s %s", r.Method, r.URL.Path)
		}
		http.NotFound(w, r)
	})
}

func (s *Server) guildOf(r *http.Request) *Guild {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.guilds[strings.TrimPrefix(r.Header.Get("Authorization"), "Bot ")]
}

// serve checks a request, answers it, and checks the answer.
func (s *Server) serve(route string, h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		g := s.guildOf(r)
		if g == nil {
			s.write(w, nil, r.Method, route, http.StatusUnauthorized, object{"code": 0, "message": "401: Unauthorized"})
			return
		}
		if wait := g.limited(r.Method, r.URL.Path, w.Header()); wait > 0 {
			g.note(r, http.StatusTooManyRequests)
			w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
			s.write(w, g, r.Method, route, http.StatusTooManyRequests, object{
				"message": "You are being rate limited.", "retry_after": wait.Seconds(), "global": false, "code": 0,
			})
			return
		}
		c := &call{g: g, r: r, route: route}
		if err := c.read(); err != nil {
			g.errorf("%s %s: %v", r.Method, route, err)
			s.write(w, g, r.Method, route, http.StatusBadRequest, object{"code": 50035, "message": "Invalid Form Body"})
			return
		}
		out, refused := h(c)
		if refused != nil {
			out = answer{refused.status, object{"code": refused.code, "message": refused.text}}
		}
		g.note(r, out.status)
		s.write(w, g, r.Method, route, out.status, out.body)
		g.poke()
	}
}

func (g *Guild) note(r *http.Request, status int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, Call{r.Method, r.URL.Path, status, time.Now()})
}

func (s *Server) write(w http.ResponseWriter, g *Guild, method, route string, status int, body any) {
	if body == nil {
		w.WriteHeader(status)
		return
	}
	out, err := json.Marshal(body)
	if err == nil {
		err = s.referee.Answer(method, route, status, out)
	}
	if err != nil && g != nil {
		g.errorf("the stand-in's own answer to %s %s: %v", method, route, err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(out)
}

// read takes the body apart and checks it.
func (c *call) read() error {
	body, err := io.ReadAll(c.r.Body)
	if err != nil {
		return err
	}
	kind, params, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if kind == "multipart/form-data" {
		if body, err = c.parts(body, params["boundary"]); err != nil {
			return err
		}
	}
	c.raw = body
	if err := c.g.s.referee.Request(c.r.Method, c.route, body); err != nil {
		return err
	}
	if len(body) == 0 {
		return nil
	}
	if body[0] == '[' {
		return json.Unmarshal(body, &c.list)
	}
	return json.Unmarshal(body, &c.body)
}

// parts reads a form with files; what is left is its JSON.
func (c *call) parts(body []byte, boundary string) (payload []byte, err error) {
	form, err := multipart.NewReader(bytes.NewReader(body), boundary).ReadForm(10 << 20)
	if err != nil {
		return nil, err
	}
	c.files = map[string][]byte{}
	for _, headers := range form.File {
		for _, header := range headers {
			f, err := header.Open()
			if err != nil {
				return nil, err
			}
			data, err := io.ReadAll(f)
			_ = f.Close()
			if err != nil {
				return nil, err
			}
			c.files[header.Filename] = data
		}
	}
	values := form.Value["payload_json"]
	if len(values) != 1 {
		return nil, fmt.Errorf("a form without payload_json")
	}
	return []byte(values[0]), nil
}

func (s *Server) where(*call) (answer, *refusal) {
	return ok(object{"url": "ws" + strings.TrimPrefix(s.URL, "http") + "/gateway"})
}

func (c *call) me() (answer, *refusal) {
	shape := c.g.userShape(c.g.members[c.g.BotID])
	delete(shape, "primary_guild")
	shape["mfa_enabled"], shape["locale"] = false, "en-US"
	return ok(shape)
}

func (c *call) guilds() (answer, *refusal) {
	return ok([]any{object{
		"id": c.g.ID, "name": c.g.Name(), "icon": nil, "banner": nil, "owner": false, "permissions": "0", "features": []any{},
	}})
}

func (c *call) application() (answer, *refusal) {
	flags := 0
	c.g.mu.Lock()
	if c.g.content {
		flags = 1 << 19
	}
	c.g.mu.Unlock()
	return ok(object{
		"id": c.g.AppID, "name": "Candide", "icon": nil, "description": "", "type": nil, "verify_key": "0", "flags": flags,
		"flags_new": strconv.Itoa(flags), "redirect_uris": []any{}, "interactions_endpoint_url": nil,
		"role_connections_verification_url": nil, "owner": c.g.userShape(c.g.members[c.g.BotID]),
		"approximate_guild_count": 1, "approximate_user_install_count": 0, "approximate_user_authorization_count": 0,
		"explicit_content_filter": 0, "team": nil, "eligible_oauth2_scopes": []any{},
	})
}

func (c *call) roles() (answer, *refusal) {
	return ok([]any{
		c.g.roleShape(c.g.ID, "@everyone", "274878024704", false),
		c.g.roleShape(c.g.Role, "Recruteurs", "0", false),
		c.g.roleShape(c.g.BotRole, "candide", botRights, true),
	})
}

func (c *call) guildChannels() (answer, *refusal) {
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	list := []any{}
	for _, id := range c.g.order {
		if ch := c.g.channels[id]; ch.Kind == KindText {
			list = append(list, c.g.channelShape(ch))
		}
	}
	return ok(list)
}

func (c *call) threads() (answer, *refusal) {
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	list := []any{}
	for _, id := range c.g.order {
		if ch := c.g.channels[id]; ch.Kind == KindThread {
			list = append(list, c.g.channelShape(ch))
		}
	}
	return ok(object{"threads": list, "members": []any{}, "has_more": false})
}

func (c *call) member() (answer, *refusal) {
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	m := c.g.members[c.path("user_id")]
	if m == nil {
		return answer{}, unknown("User", 10013)
	}
	if m.left {
		return answer{}, unknown("Member", 10007)
	}
	return ok(c.g.memberShape(m, true))
}

// open returns a channel that the bot may look into. The guild is locked.
func (c *call) open() (*Channel, *refusal) {
	ch := c.g.channels[c.path("channel_id")]
	if ch == nil {
		return nil, unknown("Channel", 10003)
	}
	if ch.Hidden {
		return nil, noAccess
	}
	return ch, nil
}

func (c *call) channel() (answer, *refusal) {
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	ch, refused := c.open()
	if refused != nil {
		return answer{}, refused
	}
	return ok(c.g.channelShape(ch))
}

func (c *call) messages() (answer, *refusal) {
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	ch, refused := c.open()
	if refused != nil {
		return answer{}, refused
	}
	after, _ := strconv.ParseUint(c.r.URL.Query().Get("after"), 10, 64)
	limit, _ := strconv.Atoi(c.r.URL.Query().Get("limit"))
	page := []any{}
	for _, m := range ch.messages {
		n, _ := strconv.ParseUint(m.ID, 10, 64)
		if n > after && !m.Deleted && len(page) < limit {
			page = append([]any{c.g.messageShape(m)}, page...) // newest first
		}
	}
	return ok(page)
}

// found returns a message that the route names. The guild is locked.
func (c *call) found() (*Message, *refusal) {
	ch, refused := c.open()
	if refused != nil {
		return nil, refused
	}
	for _, m := range ch.messages {
		if m.ID == c.path("message_id") && !m.Deleted {
			return m, nil
		}
	}
	return nil, unknown("Message", 10008)
}

func (c *call) message() (answer, *refusal) {
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	m, refused := c.found()
	if refused != nil {
		return answer{}, refused
	}
	return ok(c.g.messageShape(m))
}

func (c *call) search() (answer, *refusal) {
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	query := lower(c.r.URL.Query().Get("query"))
	list := []any{}
	for _, m := range c.g.members {
		if !m.left && strings.HasPrefix(lower(m.Name), query) {
			list = append(list, c.g.memberShape(m, true))
		}
	}
	return ok(list)
}
