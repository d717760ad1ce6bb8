package main

import (
	"strings"
	"time"

	"candide/bot/web"
	"candide/faq"
	"candide/handlers/campaigns"
)

// newWeb returns the candidates' page, or nil where it is off.
func newWeb(a *app) (*web.Platform, error) {
	if *a.cfg.Web.Listen == "" {
		return nil, nil
	}
	proxies, err := a.cfg.Web.TrustedProxies()
	if err != nil {
		return nil, inputFault(err)
	}
	collects := a.privacy().Collects()
	o := web.Options{
		Store: a.store, FAQ: pages{a.campaigns.First(), a.notice}, Now: a.now, Log: a.log,
		Language: a.cfg.Language, Address: a.words.Address(), Zone: a.campaigns.First().Zone,
		Demonstration: a.cfg.Demonstration, NoInterest: !collects, Proxies: proxies,
	}
	if a.cfg.Demonstration {
		o.Keep = 24 * time.Hour
	}
	// One public URL serves both where they share an address; else the page is reached as candidates ask for it.
	if *a.cfg.Web.Listen == a.cfg.HTTP.Listen && strings.HasPrefix(a.cfg.HTTP.PublicURL, "https://") {
		o.Secure, o.PublicURL = true, a.cfg.HTTP.PublicURL
	}
	return web.New(o)
}

// notice is what the page of personal data says of the form, where there is one.
func (a *app) notice(f *faq.FAQ, lang string) string {
	if !a.privacy().Collects() {
		return ""
	}
	return a.interests.Notice(f, lang)
}

// pages says a campaign for the web page.
type pages struct {
	campaign *campaigns.Campaign
	notice   func(f *faq.FAQ, lang string) string
}

// starters are the entries whose questions a first visit is shown: what most people ask first.
var starters = []string{"salaire", "contrat", "teletravail", "date-limite"}

// FAQ implements web.Pages.
func (p pages) FAQ(lang string, now time.Time) web.Page {
	f := p.campaign.FAQ()
	page := web.Page{
		Title: f.Title.In(lang, f.Language), Contact: f.Contact, Status: openness(f, lang, now),
		Open: f.Phase(now) != faq.Closed, Notice: p.notice(f, lang),
	}
	if page.Open {
		page.Apply = f.Apply
	}
	for i := range f.Entries {
		e := &f.Entries[i]
		source := e.Source
		if source == "" {
			source = f.Source
		}
		page.Sections = append(page.Sections, web.Section{
			ID: e.ID, Question: e.Question.In(lang, f.Language), Answer: f.Render(e, lang, now), Source: source,
		})
	}
	for _, id := range starters {
		if e, ok := f.Entry(id); ok {
			page.Starters = append(page.Starters, e.Question.In(lang, f.Language))
		}
	}
	for i := 0; len(page.Starters) < len(starters) && i < len(f.Entries); i++ {
		page.Starters = append(page.Starters, f.Entries[i].Question.In(lang, f.Language))
	}
	return page
}

// openness is one sentence on whether one can still apply.
func openness(f *faq.FAQ, lang string, now time.Time) string {
	if f.Phase(now) == faq.Closed {
		return plain(f.ClosedNotice(lang))
	}
	return f.OpenNotice(lang, now)
}
