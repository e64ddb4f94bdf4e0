using Pipeline.Infra.Influx;

namespace Pipeline.Tests.Integration.Influx;

[Collection(InfluxTests.Name)]
public sealed class Influx2Tests(InfluxServers servers)
{
    [Influx2Fact]
    public async Task Nasty_names_come_back()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.Two!.Options("nasty"));
        await InfluxContract.NastyNamesComeBackAsync(client);
    }

    [Influx2Fact]
    public async Task Values_come_back_exactly()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.Two!.Options("values"));
        await InfluxContract.ValuesComeBackExactlyAsync(client, unsigned: true);
    }

    [Influx2Fact]
    public async Task Bad_lines_are_found_and_the_others_stored()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.Two!.Options("bad lines"));
        await InfluxContract.BadLinesAreFoundAsync(client);
    }

    [Influx2Fact]
    public async Task A_repeat_changes_nothing()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.Two!.Options("repeat"));
        await InfluxContract.ARepeatChangesNothingAsync(client);
    }

    [Influx2Fact]
    public async Task Wrong_queries_are_typed_errors()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.Two!.Options("queries"));
        await InfluxContract.WrongQueriesAreTypedErrorsAsync(client);
    }
}
