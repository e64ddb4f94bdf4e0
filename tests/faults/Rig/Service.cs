using System.Globalization;
using System.Text;
using Pipeline.Tests.EndToEnd;

namespace Pipeline.Tests.Faults.Rig;

/// <summary>One instance of a service, over all the processes that it was.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly string[] arguments;
    private readonly StringBuilder before = new();
    private ServiceProcess process;

    public Service(ServiceKind kind, int instance, Cluster cluster)
    {
        Kind = kind;
        Instance = instance;
        arguments =
        [
            .. kind.Arguments, "--kafka", cluster.Connection.BootstrapServers, "--kafka-config", cluster.ServiceSettings,
            "--instance", instance.ToString(CultureInfo.InvariantCulture),
        ];
        process = ServiceProcess.Start(kind.Room, arguments);
    }

    public ServiceKind Kind { get; }

    public int Instance { get; }

    /// <summary>What the present process has said.</summary>
    public string Output => process.Output;

    /// <summary>What all its processes have said.</summary>
    public string Log => before + process.Output;

    public bool HasExited => process.HasExited;

    /// <summary>kill -9, and at once a new process in its place.</summary>
    public async Task KillAndRestartAsync()
    {
        await process.KillAsync();
        await process.DisposeAsync();
        before.Append(process.Output).AppendLine("-- killed");
        process = ServiceProcess.Start(Kind.Room, arguments);
    }

    public Task FreezeAsync() => process.SignalAsync("STOP");

    public Task ResumeAsync() => process.SignalAsync("CONT");

    public ValueTask DisposeAsync() => process.DisposeAsync();

    public override string ToString() => $"{Kind.Name}-{Instance}";
}
