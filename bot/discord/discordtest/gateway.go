package discordtest

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// gate is a guild's side of the gateway: one session, over one connection at a time.
type gate struct {
	mu       sync.Mutex
	conns    map[*conn]bool
	live     *conn
	session  string
	seq      int
	replay   []frame // what happened in the session, to be given again when it is resumed
	beat     time.Duration
	mute     int // how many connections are not greeted
	hang     int // how many resumes and identifies are never answered
	counts   Counts
	lostNext bool // events are not kept
	shutDown bool
}

// Counts are what happened at the gateway.
type Counts struct {
	Connections, Identified, Resumed, Heartbeats int
	NormalCloses                                 int // closed with 1000 or 1001, which ends the session
	ResumeURL                                    int // connections made to the address given for resuming
}

type frame struct {
	Op int    `json:"op"`
	D  any    `json:"d"`
	S  int    `json:"s,omitempty"`
	T  string `json:"t,omitempty"`
}

type conn struct {
	ws     *websocket.Conn
	mu     sync.Mutex
	frozen bool
}

func (c *conn) send(f frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.frozen {
		return
	}
	_ = c.ws.SetWriteDeadline(time.Now().Add(5 * time.Second))
	_ = c.ws.WriteJSON(f)
}

func (ga *gate) init() { ga.conns, ga.beat = map[*conn]bool{}, 41250*time.Millisecond }

func (ga *gate) shut() {
	ga.mu.Lock()
	defer ga.mu.Unlock()
	ga.shutDown = true
	for c := range ga.conns {
		_ = c.ws.Close()
	}
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

// serveGateway speaks the gateway's protocol. Who connects is known once it identifies itself.
func (s *Server) serveGateway(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &conn{ws: ws}
	defer ws.Close()
	named := strings.Trim(strings.TrimPrefix(r.URL.Path, "/resume"), "/")
	s.mu.Lock()
	beat, mute := 41250*time.Millisecond, false
	var resuming *Guild
	for _, g := range s.guilds {
		if named == g.AppID {
			resuming = g
		}
	}
	s.mu.Unlock()
	if resuming != nil {
		ga := &resuming.gate
		ga.mu.Lock()
		ga.counts.ResumeURL++
		beat = ga.beat
		if ga.mute > 0 {
			ga.mute--
			mute = true
		}
		ga.conns[c] = true
		ga.mu.Unlock()
	}
	if !mute {
		c.send(frame{Op: 10, D: object{"heartbeat_interval": beat.Milliseconds()}})
	}
	var g *Guild
	for {
		var in struct {
			Op int             `json:"op"`
			D  json.RawMessage `json:"d"`
		}
		if err := ws.ReadJSON(&in); err != nil {
			if g != nil {
				g.left(c, err)
			}
			return
		}
		if g != nil && g.frozen(c) {
			continue
		}
		switch in.Op {
		case 1:
			if g != nil {
				g.gate.mu.Lock()
				g.gate.counts.Heartbeats++
				g.gate.mu.Unlock()
			}
			c.send(frame{Op: 11})
		case 2, 6:
			var d struct {
				Token   string `json:"token"`
				Intents int    `json:"intents"`
				Session string `json:"session_id"`
				Seq     int    `json:"seq"`
			}
			_ = json.Unmarshal(in.D, &d)
			s.mu.Lock()
			g = s.guilds[strings.TrimPrefix(d.Token, "Bot ")]
			s.mu.Unlock()
			if g == nil {
				c.close(4004, "Authentication failed.")
				return
			}
			if in.Op == 2 {
				g.identify(c, d.Intents)
			} else {
				g.resume(c, d.Session, d.Seq)
			}
		}
	}
}

func (c *conn) close(code int, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, text), time.Now().Add(time.Second))
}

func (g *Guild) frozen(c *conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.frozen
}

// left notes how a connection ended.
func (g *Guild) left(c *conn, err error) {
	ga := &g.gate
	ga.mu.Lock()
	delete(ga.conns, c)
	if ga.live == c {
		ga.live = nil
	}
	if websocket.IsCloseError(err, websocket.CloseNormalClosure, websocket.CloseGoingAway) {
		ga.counts.NormalCloses++
		ga.session = ""
	}
	ga.mu.Unlock()
	g.poke()
}

func (g *Guild) poke() {
	g.mu.Lock()
	g.changed.Broadcast()
	g.mu.Unlock()
}

// messageContent is the intent to read messages that are not for the bot.
const messageContent = 1 << 15

func (g *Guild) identify(c *conn, intents int) {
	g.mu.Lock()
	allowed := g.content
	g.mu.Unlock()
	if intents&messageContent != 0 && !allowed {
		c.close(4014, "Disallowed intent(s).")
		return
	}
	session := g.s.id()
	ga := &g.gate
	ga.mu.Lock()
	ga.conns[c] = true
	ga.counts.Connections++
	if ga.hang > 0 {
		ga.hang--
		ga.mu.Unlock()
		return
	}
	ga.counts.Identified++
	ga.session, ga.seq, ga.replay, ga.live = session, 1, nil, c
	ready := frame{Op: 0, T: "READY", S: 1, D: object{
		"v": 10, "user": g.userShape(g.members[g.BotID]), "session_id": session, "application": object{"id": g.AppID, "flags": 0},
		"guilds":             []any{object{"id": g.ID, "unavailable": true}},
		"resume_gateway_url": "ws" + strings.TrimPrefix(g.s.URL, "http") + "/resume/" + g.AppID,
	}}
	c.send(ready)
	ga.mu.Unlock()
	g.poke()
}

func (g *Guild) resume(c *conn, session string, seq int) {
	ga := &g.gate
	ga.mu.Lock()
	ga.conns[c] = true
	ga.counts.Connections++
	if ga.hang > 0 {
		ga.hang--
		ga.mu.Unlock()
		return
	}
	if session == "" || session != ga.session {
		ga.mu.Unlock()
		c.send(frame{Op: 9, D: false})
		return
	}
	ga.counts.Resumed++
	ga.live = c
	for _, f := range ga.replay {
		if f.S > seq {
			c.send(f)
		}
	}
	ga.seq++
	c.send(frame{Op: 0, T: "RESUMED", S: ga.seq, D: object{}})
	ga.mu.Unlock()
	g.poke()
}

// dispatch sends an event, now or when the session is resumed. With lost, it never comes.
func (g *Guild) dispatch(kind string, data any) {
	ga := &g.gate
	ga.mu.Lock()
	defer ga.mu.Unlock()
	if ga.lostNext {
		return
	}
	ga.seq++
	f := frame{Op: 0, T: kind, S: ga.seq, D: data}
	ga.replay = append(ga.replay, f)
	if ga.live != nil {
		ga.live.send(f)
	}
}

// Counts returns what happened at the gateway so far.
func (g *Guild) Counts() Counts {
	g.gate.mu.Lock()
	defer g.gate.mu.Unlock()
	return g.gate.counts
}

// Connected waits until the bot is connected.
func (g *Guild) Connected() {
	g.t.Helper()
	g.Until("the bot to be connected", func() bool {
		g.gate.mu.Lock()
		defer g.gate.mu.Unlock()
		return g.gate.live != nil
	})
}

// Cut ends the connection without a word.
func (g *Guild) Cut() { g.withLive(func(c *conn) { _ = c.ws.UnderlyingConn().Close() }) }

// Freeze leaves the connection open, and never says or hears anything on it again. What happens meanwhile is kept for
// whoever resumes.
func (g *Guild) Freeze() {
	g.withLive(func(c *conn) {
		c.mu.Lock()
		c.frozen = true
		c.mu.Unlock()
	})
}

// AskToReconnect tells the bot to connect anew (op 7).
func (g *Guild) AskToReconnect() { g.withLive(func(c *conn) { c.send(frame{Op: 7}) }) }

// Invalidate tells the bot that its session is over (op 9).
func (g *Guild) Invalidate() {
	g.withLive(func(c *conn) { c.send(frame{Op: 9, D: false}) })
}

// Forget makes the session one that cannot be resumed, and loses what happens from now until the bot identifies itself.
func (g *Guild) Forget() {
	g.gate.mu.Lock()
	defer g.gate.mu.Unlock()
	g.gate.session = "forgotten"
}

// Lose makes events vanish, or come again: Discord promises each of them, and does not keep it always.
func (g *Guild) Lose(on bool) {
	g.gate.mu.Lock()
	defer g.gate.mu.Unlock()
	g.gate.lostNext = on
}

// Hang leaves the next n identifies and resumes without an answer.
func (g *Guild) Hang(n int) {
	g.gate.mu.Lock()
	defer g.gate.mu.Unlock()
	g.gate.hang = n
}

// Mute does not greet the next n connections that want to resume.
func (g *Guild) Mute(n int) {
	g.gate.mu.Lock()
	defer g.gate.mu.Unlock()
	g.gate.mute = n
}

// Again sends the last n events a second time.
func (g *Guild) Again(n int) {
	g.gate.mu.Lock()
	defer g.gate.mu.Unlock()
	if g.gate.live == nil {
		return
	}
	for _, f := range g.gate.replay[max(len(g.gate.replay)-n, 0):] {
		g.gate.seq++
		f.S = g.gate.seq
		g.gate.live.send(f)
	}
}

func (g *Guild) withLive(f func(*conn)) {
	g.gate.mu.Lock()
	c := g.gate.live
	if c != nil {
		g.gate.live = nil
	}
	g.gate.mu.Unlock()
	if c != nil {
		f(c)
	}
}
