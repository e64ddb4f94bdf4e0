using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Ingest.Agent.Proc;

namespace Pipeline.Ingest.Agent;

/// <summary>Takes samples of a Linux machine from /proc and cgroup v2.</summary>
public sealed class MachineReader
{
    private readonly AgentOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly long started;
    private readonly HashSet<string> missing = new(StringComparer.Ordinal);

    public MachineReader(AgentOptions options, ILoggerFactory log, TimeProvider time)
    {
        (this.options, this.time) = (options, time);
        logger = log.CreateLogger<MachineReader>();
        started = time.GetTimestamp();
    }

    /// <exception cref="UserException">There is no CPU time to be read; all else may be missing, which is logged once.</exception>
    public Sample Read()
    {
        string path = Path.Combine(options.ProcRoot, "stat");
        (CpuTimes cpu, int cpus) = (Text(path) is { } stat ? CpuTimes.Parse(stat) : null)
            ?? throw new UserException($"{path} has no CPU times: the agent needs Linux with /proc mounted (--proc-root names another place)");
        string container = options.CgroupRoot;
        // Only a cgroup that is not the machine's root has limits: where they are at the root of what is seen, it is a container's.
        bool limited = File.Exists(Path.Combine(container, "cpu.max")) || File.Exists(Path.Combine(container, "memory.max"));
        return new Sample
        {
            At = time.GetElapsedTime(started),
            Cpu = cpu,
            Cpus = cpus,
            Memory = Proc("meminfo") is { } memory ? MemInfo.Parse(memory) : null,
            Load1m = Proc("loadavg") is { } load ? LoadAverage.Parse(load) : null,
            Disks = Proc("diskstats") is { } disks ? DiskStats.Parse(disks) : null,
            Networks = Proc(Path.Combine("net", "dev")) is { } networks ? NetDev.Parse(networks) : null,
            Container = limited ? Use(container) : null,
            ContainerCores = limited && Text(Path.Combine(container, "cpu.max")) is { } cores ? CgroupFiles.ParseCpuMax(cores) : null,
            ContainerMemoryBytes = limited && Text(Path.Combine(container, "memory.max")) is { } bytes ? CgroupFiles.ParseBytes(bytes) : null,
            Functions = options.FunctionsCgroup is { } name ? Use(Path.Combine(container, name.TrimStart('/'))) : null,
        };
    }

    private string? Proc(string name) => Text(Path.Combine(options.ProcRoot, name));

    /// <summary>A cgroup that is not there (yet) has used nothing.</summary>
    private CgroupUse Use(string folder)
    {
        ulong cpu = Text(Path.Combine(folder, "cpu.stat")) is { } stat ? CgroupFiles.ParseStat(stat, "usage_usec") ?? 0 : 0;
        ulong memory = Text(Path.Combine(folder, "memory.current")) is { } current ? CgroupFiles.ParseBytes(current) ?? 0 : 0;
        ulong cache = Text(Path.Combine(folder, "memory.stat")) is { } details ? CgroupFiles.ParseStat(details, "inactive_file") ?? 0 : 0;
        return new CgroupUse(cpu, memory - Math.Min(cache, memory));
    }

    private string? Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (missing.Add(path)) logger.LogWarning("{Path} cannot be read, what it tells is left out of the reports: {Reason}", path, e.Message);
            return null;
        }
    }
}
