package discord

import (
	"strings"
	"sync"

	"github.com/bwmarrin/discordgo"
)

// defaultAPI is where Discord is, and apiVersion the version of its interface that the bot speaks.
const (
	defaultAPI = "https://discord.com/"
	apiVersion = "10"
)

var setAPI sync.Once

// SetAPI says where Discord is, for the whole process: the library keeps its addresses in package variables. The first
// call wins, so that a test's stand-in, named before anything runs, stays; New calls it with Discord's own.
func SetAPI(base string) {
	setAPI.Do(func() {
		base = strings.TrimRight(base, "/") + "/"
		api := base + "api/v" + apiVersion + "/"
		discordgo.APIVersion = apiVersion
		discordgo.EndpointDiscord = base
		discordgo.EndpointAPI = api
		discordgo.EndpointGuilds = api + "guilds/"
		discordgo.EndpointChannels = api + "channels/"
		discordgo.EndpointUsers = api + "users/"
		discordgo.EndpointGateway = api + "gateway"
		discordgo.EndpointGatewayBot = api + "gateway/bot"
		discordgo.EndpointWebhooks = api + "webhooks/"
		discordgo.EndpointApplications = api + "applications"
		discordgo.EndpointOAuth2 = base + "api/oauth2/"
	})
}
