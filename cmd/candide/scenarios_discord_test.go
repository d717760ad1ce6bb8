package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"candide/bot"
	"candide/bot/bottest"
	"candide/bot/bottest/scenarios"
	"candide/bot/discord"
	"candide/bot/discord/discordtest"
)

// discordStandIn starts the stand-in for Discord, once: the library's addresses are package variables.
var discordStandIn = sync.OnceValue(func() *discordtest.Server {
	path := os.Getenv("CANDIDE_DISCORD_OPENAPI")
	if path == "" {
		path = "../../../shared/data/discord-openapi.json"
	}
	referee, err := discordtest.NewReferee(path)
	if err != nil {
		referee = nil // bot/discord's own tests say that nothing is checked
	}
	server := discordtest.Start(referee)
	discord.SetAPI(server.URL)
	return server
})

func TestScenariosOnDiscord(t *testing.T) {
	scenarios.Run(t, func(t *testing.T) scenarios.Driver { return newDiscordDriver(t, nil) })
}

// discordDriver acts on Discord.
type discordDriver struct {
	t *testing.T
	*discordtest.Guild
	app         *app
	town, staff *discordtest.Channel
	team        *discordtest.Channel
	people      map[string]*discordtest.Member
	seen        map[string]*discordtest.Message
	last        map[string]*discordtest.Interaction
	told        *discordtest.Message
}

func newDiscordDriver(t *testing.T, add func(*app)) *discordDriver {
	g := discordStandIn().Guild(t)
	d := &discordDriver{
		t: t, Guild: g, town: g.Public("recrutement"), staff: g.Private("recruteurs"), team: g.Private("jury-deploiement"),
		people: map[string]*discordtest.Member{"alice": g.Member("alice"), "oto": g.Member("oto"), "rose": g.Member("rose", g.Role)},
		seen:   map[string]*discordtest.Message{}, last: map[string]*discordtest.Interaction{},
	}
	d.app = playApp(t, fmt.Sprintf("discord: {token: %s, guild: %q, recruiters_role: Recruteurs, recruiters_channel: recruteurs}", g.Token, g.ID), add)
	d.Connected()
	return d
}

func (d *discordDriver) Can(string) bool { return true }
func (d *discordDriver) Dialogs() bool   { return true }

func (d *discordDriver) Ask(who, text string) {
	d.told = d.people[who].Say(d.town, d.Mention()+" "+text)
}

func (d *discordDriver) Tell(who, text string) { d.told = d.people[who].Say(d.town, text) }

func (d *discordDriver) Command(who, words string, filled []scenarios.Pair) {
	in := d.town
	if who == "rose" {
		in = d.staff
	}
	values := map[string]any{}
	for _, f := range filled {
		var value any = f[1]
		if f[0] == "canal" {
			value = d.team
		} else if n, err := strconv.Atoi(f[1]); err == nil && f[0] == "numero" {
			value = n
		}
		values[f[0]] = value
	}
	d.last[who] = d.people[who].Command(in, words, values)
}

func (d *discordDriver) Press(who, label string) {
	if label == "1" {
		label = d.Labels(d.seen[who])[0]
	}
	d.last[who] = d.people[who].Press(d.seen[who], label)
}

func (d *discordDriver) Fill(who string, values []scenarios.Pair, wrong bool) string {
	filled := map[string]string{}
	for _, v := range values {
		filled[v[0]] = v[1]
	}
	d.last[who] = d.last[who].Dialog().Send(filled)
	if wrong {
		return d.Text(d.last[who].Answer())
	}
	return ""
}

func (d *discordDriver) Sees(who string, texts []string) string {
	d.seen[who] = d.people[who].Sees(texts...)
	return d.Text(d.seen[who])
}

func (d *discordDriver) Unsure(who, text string) bool {
	d.Ask(who, text)
	d.Reply(d.told)
	return strings.Contains(d.Text(d.Replies(d.told)[0]), "Aucune de celles-ci")
}

// Quiet is told by what comes after: the bot takes what is said in the channel in order.
func (d *discordDriver) Quiet(who string) {
	d.t.Helper()
	told := d.told
	d.Ask("rose", "c'est payé combien ?")
	d.Reply(d.told)
	if n := len(d.Replies(told)); n > 0 {
		d.t.Errorf("%d answers to what %s told nobody", n, who)
	}
}

// One bot on two platforms: what a candidate asked on Discord, a recruiter of the other one answers.
func TestOneBotOnTwoPlatforms(t *testing.T) {
	other := bottest.New(bottest.ID)
	other.AddRecruiter("rita")
	other.AddChannel(bottest.PrivatePlace("recruteurs"))
	d := newDiscordDriver(t, func(a *app) { a.add(bottest.NewFull(other)) })
	d.Ask("alice", "Est-ce que la cantine est bio ?")
	d.Sees("alice", []string{"préfère ne rien inventer"})

	say := func(text string) {
		t.Helper()
		done, err := d.app.runtime.Message(context.Background(), bot.Message{
			ID: bot.PostID(text), Place: bottest.DirectPlace("rita"), From: bottest.Who("rita"), Text: text, Addressed: true, At: opened,
		})
		if err != nil {
			t.Fatal(err)
		}
		<-done
	}
	press := func(label string) {
		t.Helper()
		posts := other.Posts()
		for i := len(posts) - 1; i >= 0; i-- {
			if key := posts[i].Button(label); key != "" && !posts[i].Removed {
				done, err := d.app.runtime.Press(context.Background(), bot.Press{
					Key: key, Person: bottest.Who("rita"), Place: bottest.DirectPlace("rita"), Post: posts[i].ID,
				})
				if err != nil {
					t.Fatal(err)
				}
				<-done
				return
			}
		}
		t.Fatalf("no button %q in %q", label, other.Texts())
	}
	// The inbox is one: the question is in it, whatever the platform.
	say("faq questions")
	press("Voir")
	press("Répondre…")
	say("Oui, à moitié.")
	say("1") // yes, send it
	d.Sees("alice", []string{"Oui, à moitié."})
	// And the FAQ: what was asked on one is counted with the other.
	d.Ask("alice", "c'est payé combien ?")
	d.Sees("alice", []string{"2 500"})
}
