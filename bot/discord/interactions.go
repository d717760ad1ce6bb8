package discord

import (
	"context"
	"errors"
	"strings"
	"time"

	"candide/bot"
)

// interact is called for each interaction, by the gateway's reader: it hands on and returns.
func (p *Platform) interact(raw []byte) {
	var i interaction
	if err := read(raw, &i); err != nil {
		p.log.Error("an interaction was not handled", "error", err)
		return
	}
	if !p.tickets.first(i.ID) {
		return
	}
	p.working.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		p.interaction(ctx, &i)
	})
}

// interaction answers one interaction.
func (p *Platform) interaction(ctx context.Context, i *interaction) {
	h, err := p.at()
	if err != nil || p.sink() == nil {
		return
	}
	who := user{}
	if i.User != nil {
		who = *i.User
	}
	if i.Member != nil && i.Member.User != nil {
		who = *i.Member.User
	}
	if i.GuildID != "" && i.GuildID != h.guild || who.ID == "" {
		return // another server's: Discord says there that the application does not answer
	}
	if i.Type == interactionComplete {
		p.complete(ctx, i, h, person(who, i.Member))
		return
	}
	t := &ticket{id: i.ID, token: i.Token, user: who.ID, channel: i.ChannelID, direct: i.GuildID == ""}
	id := p.tickets.issue(t)
	private := false
	if i.Type == interactionPress && i.Message != nil {
		t.press, t.message = true, i.Message.ID
		private = i.Message.Flags&flagEphemeral != 0
		if private && p.tickets.of(t.message) == nil {
			p.tickets.made(t.message, t) // the interaction that it answered is over: this one can change it
		}
	}
	// Whatever the work does, Discord hears of it in time. (Only a dialog must be the very first answer.)
	timer := time.AfterFunc(ackWithin, func() {
		if _, err := p.acknowledge(ctx, t, nil); err != nil {
			p.log.Warn("an interaction was not acknowledged", "error", err)
		}
	})
	defer timer.Stop()
	place, err := p.placeOfInteraction(ctx, h, i)
	if err != nil {
		p.log.Error("an interaction was not handled", "error", err)
		p.tell(ctx, t, p.say(language(i.Locale), "sorry"))
		return
	}
	from, lang := person(who, i.Member), language(i.Locale)
	switch i.Type {
	case interactionCommand:
		p.command(ctx, t, bot.Message{
			ID: bot.PostID("i" + i.ID), Place: place, From: from, Text: p.typed(i.Data), At: made(i.ID),
			Addressed: true, Command: true, Campaign: h.campaign[string(place.Channel)], Lang: lang, Ticket: id,
		})
	case interactionPress:
		p.pressed(ctx, t, i.Data, bot.Press{
			Person: from, Place: place, Post: bot.PostID(t.message), Lang: lang, Ticket: id, Private: private,
		})
	case interactionModal:
		key, ours := strings.CutPrefix(i.Data.CustomID, idForm)
		if !ours {
			break
		}
		p.submit(ctx, t, bot.Submission{
			Key: key, Person: from, Place: place, Values: values(i.Data.Components), Lang: lang, Ticket: id,
			Taken: func() { _, _ = p.acknowledge(ctx, t, nil) },
		})
	}
	p.finish(ctx, t)
}

// placeOfInteraction says where an interaction happened.
func (p *Platform) placeOfInteraction(ctx context.Context, h *home, i *interaction) (bot.Place, error) {
	if i.GuildID == "" {
		if i.User != nil {
			p.directs.Put(i.User.ID, i.ChannelID)
		}
		return bot.Place{Platform: ID, Channel: bot.ChannelID(i.ChannelID), Visibility: bot.Direct}, nil
	}
	ch, err := p.channel(ctx, i.ChannelID)
	if err != nil && gone(err) && i.Channel != nil {
		// A command may be typed where the bot cannot look: whoever reads there was chosen, for all it knows.
		return bot.Place{Platform: ID, Channel: bot.ChannelID(i.ChannelID), Name: i.Channel.Name, Visibility: bot.Private}, nil
	}
	if err != nil {
		return bot.Place{}, err
	}
	return p.placeOf(ctx, h, ch)
}

// language is the one that somebody reads Discord in, where Candide speaks it.
func language(locale string) string {
	switch lang, _, _ := strings.Cut(locale, "-"); lang {
	case "fr", "en":
		return lang
	}
	return ""
}

// command hands a command on, and waits until it is answered.
func (p *Platform) command(ctx context.Context, t *ticket, m bot.Message) {
	done, err := p.sink().Message(ctx, m)
	if err != nil {
		p.log.Error("a command was not taken", "error", err)
		p.tell(ctx, t, p.say(m.Lang, "sorry"))
		return
	}
	wait(ctx, done)
}

// pressed hands a press on, and waits until it is answered.
func (p *Platform) pressed(ctx context.Context, t *ticket, data interactionData, press bot.Press) {
	switch {
	case strings.HasPrefix(data.CustomID, idAgain):
		p.again(ctx, t, data.CustomID[len(idAgain):], press.Lang)
		return
	case strings.HasPrefix(data.CustomID, idMenu) && len(data.Values) == 1:
		press.Key = data.Values[0]
	case strings.HasPrefix(data.CustomID, idKey):
		press.Key = data.CustomID[len(idKey):]
	default:
		return
	}
	done, err := p.sink().Press(ctx, press)
	switch {
	case errors.Is(err, bot.ErrRefused):
		p.tell(ctx, t, p.say(press.Lang, "button-over"))
	case err != nil:
		p.log.Error("a press was not taken", "error", err)
		p.tell(ctx, t, p.say(press.Lang, "sorry"))
	default:
		wait(ctx, done)
	}
}

func wait(ctx context.Context, done <-chan struct{}) {
	select {
	case <-done:
	case <-ctx.Done():
	}
}
