using Pipeline.Infra.Streaming;

namespace Pipeline.Tests.Faults.Rig;

/// <summary>Everything that runs on a cluster while a fault is injected: services, load, books.</summary>
internal sealed class FaultRig : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly TextWriter progress;
    private readonly DirectoryInfo? logs;
    private readonly long started = TimeProvider.System.GetTimestamp();
    private readonly List<Service> services = [];
    private readonly List<string> failures = [];

    public FaultRig(Cluster cluster, int seed, TextWriter progress, DirectoryInfo? logs)
    {
        this.progress = progress;
        this.logs = logs;
        Cluster = cluster;
        Books = new Books(cluster.Connection);
        Load = new Load(cluster.Connection, seed);
    }

    public Cluster Cluster { get; }

    public Books Books { get; }

    public Load Load { get; }

    public IReadOnlyList<Service> Services => services;

    /// <summary>What went wrong besides what the books tell.</summary>
    public IReadOnlyList<string> Failures => failures;

    public TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(started);

    public Service Start(ServiceKind kind, int instance)
    {
        Service service = new(kind, instance, Cluster);
        services.Add(service);
        return service;
    }

    /// <summary>Stops a service politely, as an operator does.</summary>
    public async Task StopAsync(Service service)
    {
        services.Remove(service);
        await service.DisposeAsync();
        Keep(service);
    }

    public Task StopServicesAsync() => Task.WhenAll(services.ToArray().Select(StopAsync));

    /// <summary>One line of progress.</summary>
    public void Say(string text) => progress.WriteLine($"{Elapsed:mm\\:ss} {text}");

    /// <summary>Something that makes the run fail whatever the books say.</summary>
    public void Fail(string text)
    {
        failures.Add(text);
        Say("FAILURE: " + text);
    }

    /// <summary>Waits for a condition; false when it was not met in time.</summary>
    public async Task<bool> UntilAsync(Func<bool> met, TimeSpan patience, CancellationToken cancel)
    {
        long since = TimeProvider.System.GetTimestamp();
        while (!met())
        {
            if (TimeProvider.System.GetElapsedTime(since) > patience) return false;
            foreach (Service service in services)
                if (service.HasExited) throw new StreamClientException($"{service} ended by itself; it said:\n{service.Output}");
            await Task.Delay(Look, cancel);
        }
        return true;
    }

    /// <summary>For as long as a fault is to last.</summary>
    public static Task LastAsync(TimeSpan duration, CancellationToken cancel) => Task.Delay(duration, cancel);

    private void Keep(Service service)
    {
        if (logs is null) return;
        logs.Create();
        File.AppendAllText(Path.Combine(logs.FullName, service + ".log"), service.Log);
    }

    public async ValueTask DisposeAsync()
    {
        await StopServicesAsync();
        await Books.DisposeAsync();
    }
}
