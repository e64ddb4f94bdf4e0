using System.CommandLine;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Processors.Store;

/// <summary>The options that name an InfluxDB. Secrets are better given by their environment variables than on the command line.</summary>
public sealed class StoreOptions
{
    private readonly Option<Uri?> influx = new("--influx")
    {
        Description = "URL of an InfluxDB (1.x, 2.x or 3.x), for example http://influx:8086",
        HelpName = "URL",
        CustomParser = r =>
        {
            if (Uri.TryCreate(r.Tokens[0].Value, UriKind.Absolute, out Uri? url)) return url;
            r.AddError($"--influx is '{r.Tokens[0].Value}'; http://host:port is wanted");
            return null;
        },
    };

    private readonly Option<string?> token = new("--token") { Description = "Token of InfluxDB 2.x and 3.x", HelpName = "TOKEN" };
    private readonly Option<string?> org = new("--org") { Description = "Organisation of InfluxDB 2.x", HelpName = "NAME" };
    private readonly Option<string?> bucket = new("--bucket") { Description = "Bucket of InfluxDB 2.x", HelpName = "NAME" };
    private readonly Option<string?> database = new("--database") { Description = "Database of InfluxDB 1.x and 3.x", HelpName = "NAME" };
    private readonly Option<string?> user = new("--user") { Description = "User of InfluxDB 1.x", HelpName = "NAME" };
    private readonly Option<string?> password = new("--password") { Description = "Password of InfluxDB 1.x", HelpName = "PASSWORD" };

    private readonly Option<bool> raw = new("--raw") { Description = "Store the reports of vm.metrics as they came, too, as vm_sample" };

    /// <param name="writes">Whether points are written.</param>
    public void AddTo(Command command, bool writes = true)
    {
        if (writes) command.Add(raw);
        foreach (Option option in new Option[] { influx, token, org, bucket, database, user, password }) command.Add(option);
    }

    /// <summary>Whether reports are stored as they came, too.</summary>
    public bool Raw(ParseResult parsed) => parsed.GetValue(raw);

    /// <summary>Was an InfluxDB named?</summary>
    public bool IsNamed(ParseResult parsed) => parsed.GetValue(influx) is not null;

    /// <summary>The InfluxDB that was named, made ready to be written to; null when none was.</summary>
    /// <exception cref="UserException">The options do not fit together, or the server does not let us in.</exception>
    public async Task<InfluxClient?> OpenAsync(ParseResult parsed, ILoggerFactory log, TimeProvider time, CancellationToken cancel)
    {
        if (parsed.GetValue(influx) is not { } url) return null;
        InfluxOptions options = new()
        {
            Url = url,
            Token = parsed.GetValue(token),
            Organisation = parsed.GetValue(org),
            Bucket = parsed.GetValue(bucket),
            Database = parsed.GetValue(database),
            User = parsed.GetValue(user),
            Password = parsed.GetValue(password),
        };
        InfluxClient client = new(options, log, time);
        try
        {
            await client.EnsureTargetAsync(cancel);
            return client;
        }
        catch (SinkException e)
        {
            client.Dispose();
            throw new UserException($"InfluxDB at {options}: {e.Message}", e);
        }
    }
}
