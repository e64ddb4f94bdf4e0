using System.CommandLine;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Ingest.Agent.Cadence;
using Pipeline.Ingest.Agent.Delivery;
using Pipeline.Ingest.Agent.Spool;
using Pipeline.Schemas;
using Pipeline.Schemas.Signing;
using Pipeline.Schemas.Validation;

namespace Pipeline.Ingest.Agent;

/// <summary><c>ingest agent</c>: reports what this machine does.</summary>
internal static class AgentCommand
{
    /// <summary>Without an interval of its own, a single report is measured over this time.</summary>
    private const double OnceSeconds = 1;

    /// <summary>With a spool behind it the client need not hold on to a report for long.</summary>
    private static readonly TimeSpan TimeoutWithSpool = TimeSpan.FromSeconds(30);

    private static readonly Option<string> Vm = Text("--vm", "Name of this VM in reports", () => Environment.MachineName);
    private static readonly Option<string> Cell = Text("--cell", "Cell of this VM: the availability zone or scheduling domain", () => "cell-0");
    private static readonly Option<string> HostId = Text("--host-id", "Which machine it is, so that another one of the same name is not taken for it", MachineId);
    private static readonly Option<string> Hypervisor = Text("--hypervisor", "The physical machine that this VM runs on, where it is known", () => "");
    private static readonly Option<string> Tenant = Text("--tenant", "Whom this VM belongs to, where it is known", () => "");
    private static readonly Option<double> Interval = CommonOptions.Double("--interval", "Seconds between two reports", 10, 1, 86_400);
    private static readonly Option<double> IntervalMax = CommonOptions.Double("--interval-max", "Seconds between two reports at most, while the load is steady; 0: always --interval", 0, 0, 86_400);
    private static readonly Option<double> Tolerance = CommonOptions.Double("--tolerance", "Change of the mean utilisation that is reported at once, share of the cores", new CadenceOptions().Tolerance, 0, 1);
    private static readonly Option<FileInfo?> SignKey = KeyOption();
    private static readonly Option<bool> Once = new("--once") { Description = "Print one report as JSON, measured over a second (or --interval), and end; needs no Kafka" };
    private static readonly Option<bool> Print = new("--print") { Description = "Print every report as JSON, one a line, instead of sending it; needs no Kafka" };
    private static readonly Option<string?> Spool = new("--spool")
    {
        Description = "Folder where reports wait while Kafka is away, and where the sequence number is kept; without it they wait in memory, and numbers begin at 1",
        HelpName = "DIR",
        // systemd tells where StateDirectory= is.
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("STATE_DIRECTORY"),
    };
    private static readonly Option<double> SpoolMegabytes = CommonOptions.Double("--spool-mb", "The spool holds at most so many MiB; the oldest reports are given up first", 16, .0625, 65_536);
    private static readonly Option<TimeSpan> SpoolAge = CommonOptions.Duration("--spool-age", "Reports older than this are given up", TimeSpan.FromDays(1));
    private static readonly Option<int> SpoolRate = CommonOptions.Int("--spool-rate", "Reports of the spool that are sent per second, beside the fresh ones", 50, 1, 10_000);
    private static readonly Option<bool> SpoolNoSync = new("--spool-no-sync") { Description = "Do not force each report to the disk: it survives a kill, but not a loss of power" };
    private static readonly Option<string?> Functions = new("--functions-cgroup") { Description = "Cgroup v2 that function workers run in, below the root: what it uses is reported apart", HelpName = "NAME" };
    private static readonly Option<string> ProcRoot = Text("--proc-root", "Where proc is mounted", () => "/proc");
    private static readonly Option<string> CgroupRoot = Text("--cgroup-root", "Where cgroup v2 is mounted", () => "/sys/fs/cgroup");
    private static readonly Option<string?> Kafka = CommonOptions.Kafka();
    private static readonly Option<FileInfo?> KafkaConfig = CommonOptions.KafkaConfig();

    public static Command Create()
    {
        Command command = new("agent", "Reports this Linux machine's load, interval by interval.");
        foreach (Option option in (Option[])[Vm, Cell, HostId, Hypervisor, Tenant, Interval, IntervalMax, Tolerance, SignKey, Once, Print, Spool, SpoolMegabytes, SpoolAge, SpoolRate, SpoolNoSync, Functions, ProcRoot, CgroupRoot, Kafka, KafkaConfig]) command.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        bool once = parsed.GetValue(Once);
        AgentOptions options = Options(parsed, once);
        // Standard output is for the report.
        using ILoggerFactory log = Log.ToConsole();
        CloseWatch close = new(TimeProvider.System);
        MachineAgent agent = new(options, new MachineReader(options, log, TimeProvider.System), TimeProvider.System, close);
        if (once || parsed.GetValue(Print))
        {
            await foreach (VmReport report in agent.ReportsAsync(cancel))
            {
                Console.WriteLine(ReportJson.Format(report, indented: once));
                if (once) return 0;
            }
        }
        KafkaConnection kafka = KafkaConnection.FromOptions(parsed.GetValue(Kafka), parsed.GetValue(KafkaConfig));
        using ReportSender sender = Sender(parsed, kafka, log);
        using CommandListener? commands = options.Cadence.PartsMax > 1 ? new CommandListener(kafka, options.Vm, close, log) : null;
        log.CreateLogger("Pipeline.Agent").LogInformation("{Vm} of {Cell} reports to {Kafka} every {Interval} s", options.Vm, options.Cell, kafka.BootstrapServers, options.Interval.TotalSeconds);
        await foreach (VmReport report in agent.ReportsAsync(cancel)) sender.Send(report);
        return 0;
    }

    private static ReportSender Sender(ParseResult parsed, KafkaConnection kafka, ILoggerFactory log)
    {
        ReportSpool? spool = null;
        if (parsed.GetValue(Spool) is { Length: > 0 } folder)
        {
            spool = new ReportSpool(
                new SpoolOptions
                {
                    Folder = folder,
                    BytesMax = (long)(parsed.GetValue(SpoolMegabytes) * 1024 * 1024),
                    AgeMax = parsed.GetValue(SpoolAge),
                    Sync = !parsed.GetValue(SpoolNoSync),
                },
                log.CreateLogger<ReportSpool>());
        }
        KafkaWire wire = new(kafka, spool is null ? null : TimeoutWithSpool, log);
        return new ReportSender(wire, spool, new SenderOptions { DrainPerSecond = parsed.GetValue(SpoolRate) }, new ReportSealer(Key(parsed)), log, TimeProvider.System);
    }

    private static AgentOptions Options(ParseResult parsed, bool once)
    {
        string? functions = parsed.GetValue(Functions);
        if (functions?.Split('/').Contains("..") == true) throw new UserException($"--functions-cgroup is '{functions}'; a cgroup below the root is wanted, such as functions.slice");
        double interval = parsed.GetValue(Interval), most = parsed.GetValue(IntervalMax);
        if (most > 0 && most < interval) throw new UserException($"--interval-max is {most}; at least --interval ({interval}) is wanted, or 0");
        bool ownInterval = parsed.GetResult(Interval) is { Implicit: false };
        return new AgentOptions
        {
            Vm = Name("--vm", parsed.GetValue(Vm)!),
            Cell = Name("--cell", parsed.GetValue(Cell)!),
            HostId = NameOrNone("--host-id", parsed.GetValue(HostId)!),
            Hypervisor = NameOrNone("--hypervisor", parsed.GetValue(Hypervisor)!),
            Tenant = NameOrNone("--tenant", parsed.GetValue(Tenant)!),
            Interval = TimeSpan.FromSeconds(once && !ownInterval ? OnceSeconds : parsed.GetValue(Interval)),
            Cadence = new CadenceOptions { PartsMax = Math.Max(1, (int)(most / interval)), Tolerance = parsed.GetValue(Tolerance) },
            FunctionsCgroup = functions,
            ProcRoot = parsed.GetValue(ProcRoot)!,
            CgroupRoot = parsed.GetValue(CgroupRoot)!,
        };
    }

    private static SigningKey? Key(ParseResult parsed)
    {
        if (parsed.GetValue(SignKey) is not { } file) return null;
        IReadOnlyList<KeyValuePair<string, byte[]>> keys = SecretFile.Read(file, SigningKey.Bytes);
        return keys.Count == 1 ? new SigningKey(keys[0].Key, keys[0].Value) : throw new UserException($"{file.FullName} has {keys.Count} keys; a VM has one");
    }

    private static Option<FileInfo?> KeyOption()
    {
        Option<FileInfo?> option = new("--sign-key") { Description = "File with the key that reports are signed with, name=base64 (ingest keys derive writes it)", HelpName = "FILE" };
        OptionValidation.AcceptExistingOnly(option!);
        return option;
    }

    private static string Name(string option, string value) => Bounds.Name(option, value) is { } wrong ? throw new UserException(wrong) : value;

    private static string NameOrNone(string option, string value) => value.Length == 0 ? value : Name(option, value);

    /// <summary>What systemd gave the machine when it was installed (man 5 machine-id); empty where there is none.</summary>
    private static string MachineId()
    {
        try
        {
            return File.ReadAllText("/etc/machine-id").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static Option<string> Text(string name, string description, Func<string> value) => new(name) { Description = description, DefaultValueFactory = _ => value() };
}
