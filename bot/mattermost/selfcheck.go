package mattermost

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/internal/retry"
)

// recheckAfter is how long the bot waits to look again whether the server can call it, where it could not.
const recheckAfter = 5 * time.Minute

// callbacks knows whether the server can call the bot. Until told otherwise, it can.
type callbacks struct {
	mu       sync.Mutex
	cannot   bool
	checking bool
	expected map[string]bool // nonce → arrived
}

// usable reports whether buttons and dialogs work.
func (c *callbacks) usable() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.cannot
}

// came is told of every callback that the server signed for.
func (c *callbacks) came() { c.set(true) }

func (c *callbacks) set(can bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cannot = !can
}

// arrived takes a probe, and reports whether the bot had sent it.
func (c *callbacks) arrived(nonce string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ours := c.expected[nonce]; !ours {
		return false
	}
	c.expected[nonce] = true
	return true
}

func (c *callbacks) expect(nonce string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.expected == nil {
		c.expected = map[string]bool{}
	}
	c.expected[nonce] = false
}

// forget ends the wait for a probe and reports whether it arrived.
func (c *callbacks) forget(nonce string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	arrived := c.expected[nonce]
	delete(c.expected, nonce)
	return arrived
}

// begin reports whether the caller is the one to check; end lets another.
func (c *callbacks) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	free := !c.checking
	c.checking = true
	return free
}

func (c *callbacks) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.checking = false
}

// checkCallbacks finds out whether the server can call the bot, and looks again from time to time while it cannot. It
// closes first once it knows, or cannot know.
func (p *Platform) checkCallbacks(ctx context.Context, first chan<- struct{}) {
	tell := sync.OnceFunc(func() { close(first) })
	defer tell()
	if !p.callbacks.begin() {
		return
	}
	defer p.callbacks.end()
	for told := false; ; {
		h, err := p.at()
		if err == nil {
			err = p.probe(ctx, h)
		}
		var cannot errUnreachable
		switch {
		case err == nil:
			p.callbacks.set(true)
			return
		case errors.As(err, &cannot):
			p.callbacks.set(false)
			if !told {
				p.log.Warn("the server cannot call the bot: buttons are numbered lists, forms go step by step",
					"public_url", p.o.PublicURL, "do", p.openTheWay())
				told = true
			}
		default:
			p.log.Info("whether the server can call the bot is not known", "error", err)
		}
		tell()
		if !retry.Sleep(ctx, recheckAfter) {
			return
		}
	}
}

// errUnreachable: the server answered that calling the bot failed.
type errUnreachable struct{ error }

// probe makes the server call the bot: with a button in the bot's direct channel with itself, which nobody else sees,
// and which the bot presses.
func (p *Platform) probe(ctx context.Context, h *home) error {
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	channel, _, err := p.client.CreateDirectChannel(ctx, h.me.Id, h.me.Id)
	if err != nil {
		return fmt.Errorf("opening the bot's own direct channel: %w", brief(err))
	}
	var b [16]byte
	_, _ = rand.Read(b[:])
	nonce := hex.EncodeToString(b[:])
	p.callbacks.expect(nonce)
	defer p.callbacks.forget(nonce)
	post := &model.Post{ChannelId: channel.Id, Message: "Candide: can the server call the bot?"}
	post.AddProp("attachments", []*model.MessageAttachment{{Actions: []*model.PostAction{{
		Id: "probe", Type: model.PostActionTypeButton, Name: "probe",
		Integration: &model.PostActionIntegration{
			URL: p.o.PublicURL + actionPath, Context: map[string]any{"probe": nonce},
		},
	}}}})
	created, _, err := p.client.CreatePost(ctx, post)
	if err != nil {
		return fmt.Errorf("posting a probe: %w", brief(err))
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTimeout)
		defer cancel()
		_, _ = p.client.DeletePost(ctx, created.Id)
	}()
	resp, err := p.client.DoPostAction(ctx, created.Id, "probe")
	if status(resp) >= 400 && status(resp) != 401 && status(resp) != 429 {
		return errUnreachable{brief(err)}
	}
	if err != nil {
		return brief(err)
	}
	return nil
}

// openTheWay is what to do where the server cannot call the bot.
func (p *Platform) openTheWay() string {
	host := p.o.PublicURL
	if u, err := url.Parse(p.o.PublicURL); err == nil {
		host = u.Hostname()
	}
	return fmt.Sprintf("see that %s reaches http.listen from the Mattermost server; if %s is an internal address, add it, "+
		"literally, to the server's setting ServiceSettings.AllowedUntrustedInternalConnections (System Console, "+
		"Environment, Developer; or MM_SERVICESETTINGS_ALLOWEDUNTRUSTEDINTERNALCONNECTIONS)", p.o.PublicURL, host)
}
