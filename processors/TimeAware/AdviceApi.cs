using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Telemetry;

namespace Pipeline.Processors.TimeAware;

/// <summary>
/// Advice over HTTP, described by <c>/openapi/v1.json</c>. What is wrong with a question is told with 400, a place that is not known with 404,
/// too little known with 503.
/// </summary>
internal sealed class AdviceApi : IAsyncDisposable
{
    /// <summary>Names that a message lists.</summary>
    private const int ListedMax = 20;

    private readonly WebApplication app;

    private AdviceApi(WebApplication app) => this.app = app;

    /// <summary>Starts to answer; null where no address is given.</summary>
    /// <exception cref="UserException">The address cannot be listened on.</exception>
    public static async Task<AdviceApi?> OpenAsync(HealthAddress? address, LiveFleet live, ScaleRequest scale, ILoggerFactory log, CancellationToken cancel)
    {
        if (address is null) return null;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(log);
        builder.Services.AddOpenApi(o => o.AddDocumentTransformer((document, _, _) =>
        {
            (document.Info.Title, document.Info.Description) = ("Time-aware advice", "When and where there is room, and how many VMs are wanted. What is wrong with a question is told with 400, a place that is not known with 404, too little known with 503.");
            return Task.CompletedTask;
        }));
        builder.Services.ConfigureHttpJsonOptions(o =>
        {
            o.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            o.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        builder.Services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        builder.WebHost.ConfigureKestrel(k => k.Listen(address.Address, address.Port));
        WebApplication app = builder.Build();
        app.Use(TellWhatIsWrongAsync);
        app.MapOpenApi();
        Map(app, live, scale);
        app.MapFallback(() => Unknown("there is nothing here; /openapi/v1.json describes what there is")).ExcludeFromDescription();
        try
        {
            await app.StartAsync(cancel);
        }
        catch (IOException e)
        {
            await app.DisposeAsync();
            throw new UserException($"--http: {address} cannot be listened on: {e.Message}", e);
        }
        return new AdviceApi(app);
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private static void Map(WebApplication app, LiveFleet live, ScaleRequest scale)
    {
        app.MapGet("/v1/room", (double cores, double? memory_gib, double? for_hours, double? within_hours, double? confidence, string? cell) =>
            Room(live, new RoomRequest(cores, (memory_gib ?? 0) * (1L << 30), TimeSpan.FromHours(Hours(for_hours, 1)), TimeSpan.FromHours(Hours(within_hours, 24)), confidence ?? .95), cell))
            .WithSummary("When and where so much is free: the best starts, expected and guaranteed room, and why");
        app.MapGet("/v1/scale", (string cell, uint? community, double? share, int? hours) => Scale(live, scale, cell, community, share, hours))
            .WithSummary("VMs wanted in the next hours, and what it costs to be wrong");
        app.MapGet("/v1/scale/next", Results<Ok<NextVms>, ProblemHttpResult> (string cell, uint? community) => Next(live, scale, cell, community))
            .WithSummary("VMs wanted in the next slot, as one number for an autoscaler");
    }

    /// <summary>A parameter that is missing or no number is told like any other.</summary>
    private static async Task TellWhatIsWrongAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException e)
        {
            await TypedResults.Problem(e.Message, statusCode: e.StatusCode).ExecuteAsync(context);
        }
    }

    /// <summary>Out of range, so that it is refused, where it is no time span.</summary>
    private static double Hours(double? given, double otherwise) => given is { } h ? (h is > 0 and <= 24 ? h : 0) : otherwise;

    private static Results<Ok<IReadOnlyList<RoomOffer>>, ProblemHttpResult> Room(LiveFleet live, RoomRequest request, string? cell)
    {
        if (!(request.Cores is > 0 and <= 1e7)) return Wrong("cores has to be above 0 and at most 10,000,000");
        if (!(request.MemoryBytes is >= 0 and < 1e18)) return Wrong("memory_gib has to be 0 or more");
        if (request.For <= TimeSpan.Zero || request.Within < request.For) return Wrong("for_hours and within_hours have to be above 0 and at most 24, the first not longer than the second");
        if (!(request.Confidence is >= .5 and <= .999)) return Wrong("confidence has to be .5 to .999");
        lock (live.Gate)
        {
            if (cell is not null && !live.Fleet.Cells.ContainsKey(cell)) return UnknownCell(live, cell);
            return TypedResults.Ok(RoomAdvisor.Find(live.Fleet.Places(cell), live.Fleet.Clock, live.Fleet.NewestUnixMs, request));
        }
    }

    private static Results<Ok<IReadOnlyList<ScaleAdvice>>, ProblemHttpResult> Scale(LiveFleet live, ScaleRequest scale, string cell, uint? community, double? share, int? hours)
    {
        if (share is { } s && !(s is >= .5 and <= .999)) return Wrong("share has to be .5 to .999");
        if (hours is < 1 or > Forecaster.HoursMax) return Wrong($"hours has to be 1 to {Forecaster.HoursMax}");
        lock (live.Gate)
        {
            if (Place(live, cell, community) is not { } place) return UnknownPlace(live, cell, community);
            ScaleRequest request = scale with { Share = share ?? scale.Share, Slots = (hours ?? 6) * live.Fleet.Clock.SlotsPerHour };
            return TypedResults.Ok(ScaleAdvisor.Plan(place, live.Fleet.Clock, request));
        }
    }

    private static Results<Ok<NextVms>, ProblemHttpResult> Next(LiveFleet live, ScaleRequest scale, string cell, uint? community)
    {
        lock (live.Gate)
        {
            if (Place(live, cell, community) is not { } place) return UnknownPlace(live, cell, community);
            return ScaleAdvisor.Plan(place, live.Fleet.Clock, scale with { Slots = 1 }) is [{ } next]
                ? TypedResults.Ok(new NextVms(next.VmsWanted, next.Vms))
                : TypedResults.Problem("too little is known: about two days of steps are wanted", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static GroupOutlook? Place(LiveFleet live, string cell, uint? community) =>
        !live.Fleet.Cells.TryGetValue(cell, out CellOutlook? found) ? null : community is { } c && c != 0 ? found.Communities.GetValueOrDefault(c) : found.Whole;

    private static ProblemHttpResult Wrong(string what) => TypedResults.Problem(what, statusCode: StatusCodes.Status400BadRequest);

    private static ProblemHttpResult UnknownPlace(LiveFleet live, string cell, uint? community) =>
        live.Fleet.Cells.TryGetValue(cell, out CellOutlook? found)
            ? Unknown($"cell '{cell}' has no community {community} of {CellOutlook.CommunityVmsMin} VMs or more; it has {Listed(found.Communities.Keys.Select(c => c.ToString(CultureInfo.InvariantCulture)))}")
            : UnknownCell(live, cell);

    private static ProblemHttpResult UnknownCell(LiveFleet live, string cell) => Unknown($"there is no cell '{cell}' in the partitions of this instance; there are {Listed(live.Fleet.Cells.Keys)}");

    private static string Listed(IEnumerable<string> names)
    {
        string[] first = [.. names.Take(ListedMax + 1)];
        return first.Length == 0 ? "none yet" : string.Join(", ", first.Take(ListedMax)) + (first.Length > ListedMax ? " and others" : "");
    }

    private static ProblemHttpResult Unknown(string what) => TypedResults.Problem(what, statusCode: StatusCodes.Status404NotFound);
}

/// <summary>What an autoscaler acts on.</summary>
/// <param name="VmsWanted">VMs wanted in the next slot.</param>
/// <param name="Vms">VMs that there are.</param>
internal sealed record NextVms(int VmsWanted, int Vms);
