using System.CommandLine;
using System.Globalization;
using System.Numerics;
using Pipeline.Infra.Telemetry;

namespace Pipeline.Infra.CommandLine;

/// <summary>Options that several programs share, and makers for validated ones.</summary>
public static class CommonOptions
{
    /// <summary>Options whose environment variable is not PIPELINE_ and their name.</summary>
    public static readonly IReadOnlyDictionary<string, string> Variables = new Dictionary<string, string>
    {
        ["--kafka"] = "KAFKA_BOOTSTRAP_SERVERS",
        ["--kafka-config"] = "KAFKA_CONFIG",
    };

    public static Option<string?> Kafka() => new("--kafka")
    {
        Description = "Bootstrap servers of the Kafka cluster, host:port[,host:port]",
        HelpName = "BOOTSTRAP",
    };

    public static Option<FileInfo?> KafkaConfig()
    {
        Option<FileInfo?> option = new("--kafka-config")
        {
            Description = "File of librdkafka settings, key=value a line (TLS, SASL and the like)",
            HelpName = "FILE",
        };
        OptionValidation.AcceptExistingOnly(option!);
        return option;
    }

    public static Option<int> Int(string name, string description, int value, int min, int max) => Number(name, description, value, min, max);

    public static Option<double> Double(string name, string description, double value, double min, double max) => Number(name, description, value, min, max);

    /// <summary>A time span in words: 30s, 5m, 2h, 1d, or seconds.</summary>
    public static Option<TimeSpan> Duration(string name, string description, TimeSpan value) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        DefaultValueFactory = _ => value,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (TryDuration(text, out TimeSpan time)) return time;
            result.AddError($"{name} is '{text}'; a time such as 30s, 5m, 2h or 1d is wanted");
            return default;
        },
    };

    /// <summary>Reads a time span in words, as <see cref="Duration"/> takes it.</summary>
    public static bool TryDuration(string text, out TimeSpan time)
    {
        double unit = text.Length == 0 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 };
        bool known = double.TryParse(unit > 0 ? text[..^1] : text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= 0 && number < 1e9;
        time = known ? TimeSpan.FromSeconds(number * Math.Max(1, unit)) : default;
        return known;
    }

    /// <summary>Where a service tells how it is.</summary>
    public static Option<HealthAddress?> Health() => Address("--health", "Tell health over HTTP (/live, /ready, /status)", 8080);

    /// <summary>Where something is listened for.</summary>
    public static Option<HealthAddress?> Address(string name, string description, int example) => new(name)
    {
        Description = string.Create(CultureInfo.InvariantCulture, $"{description} on this port of loopback, or on an address such as 0.0.0.0:{example}"),
        HelpName = "[ADDRESS:]PORT",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (HealthAddress.Parse(text) is { } address) return address;
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} is '{text}'; a port such as {example}, or an address and a port such as 0.0.0.0:{example}, is wanted"));
            return null;
        },
    };

    /// <summary>Tells the instances of one service apart.</summary>
    public static Option<string> Instance() => new("--instance")
    {
        Description = "Name of this instance of the service; two live ones must not share it",
        HelpName = "NAME",
        DefaultValueFactory = _ => "0",
    };

    public static Option<DirectoryInfo> Folder(string name, string description)
    {
        Option<DirectoryInfo> option = new(name) { Description = description, HelpName = "DIR" };
        option.AcceptExistingOnly();
        return option;
    }

    private static Option<T> Number<T>(string name, string description, T value, T min, T max)
        where T : struct, INumber<T> => new(name)
        {
            Description = string.Create(CultureInfo.InvariantCulture, $"{description} ({min} to {max})"),
            HelpName = "N",
            DefaultValueFactory = _ => value,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (!T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out T number))
                    result.AddError($"{name} is '{text}'; a number is wanted");
                else if (number < min || number > max)
                    result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} is {number}; {min} to {max} is allowed"));
                return number;
            },
        };
}
