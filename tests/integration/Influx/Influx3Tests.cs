using Pipeline.Infra.Influx;

namespace Pipeline.Tests.Integration.Influx;

[Collection(InfluxTests.Name)]
public sealed class Influx3Tests(InfluxServers servers)
{
    [Influx3Fact]
    public async Task Values_come_back_exactly()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.Three!.Options("values"));
        await InfluxContract.ValuesComeBackExactlyAsync(client, unsigned: true);
    }

    [Influx3Fact]
    public async Task Bad_lines_are_found_and_the_others_stored()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.Three!.Options("conflicts"));
        await InfluxContract.BadLinesAreFoundAsync(client, words: "");
    }

    [Influx3Fact]
    public async Task A_repeat_changes_nothing()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.Three!.Options("again"));
        await InfluxContract.ARepeatChangesNothingAsync(client);
    }
}
