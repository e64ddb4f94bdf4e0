using Pipeline.Infra.Influx;

namespace Pipeline.Tests.Integration.Influx;

[Collection(InfluxTests.Name)]
public sealed class Influx1Tests(InfluxServers servers)
{
    [Influx1Fact]
    public async Task Nasty_names_come_back()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.One!.Options("nasty"));
        await InfluxContract.NastyNamesComeBackAsync(client);
    }

    [Influx1Fact]
    public async Task Values_come_back_exactly()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.One!.Options("values"));
        await InfluxContract.ValuesComeBackExactlyAsync(client, unsigned: false);
    }

    [Influx1Fact]
    public async Task Bad_lines_are_found_and_the_others_stored()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.One!.Options("bad lines"));
        await InfluxContract.BadLinesAreFoundAsync(client);
    }

    [Influx1Fact]
    public async Task A_repeat_changes_nothing()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.One!.Options("repeat"));
        await InfluxContract.ARepeatChangesNothingAsync(client);
    }

    [Influx1Fact]
    public async Task Wrong_queries_are_typed_errors()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.One!.Options("queries"));
        await InfluxContract.WrongQueriesAreTypedErrorsAsync(client);
    }
}
