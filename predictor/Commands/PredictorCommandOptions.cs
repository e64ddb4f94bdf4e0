using System.CommandLine;
using System.Globalization;
using Pipeline.Infra.CommandLine;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Samples;
using Pipeline.Predictor.Service;

namespace Pipeline.Predictor.Commands;

/// <summary>Options that the predictor's verbs share.</summary>
internal static class PredictorCommandOptions
{
    /// <summary>More threads than any machine has that would serve a model this small.</summary>
    private const int ThreadsMax = 64;

    public static Option<FileInfo> Model() => new("--model")
    {
        Description = "Model file (.onnx); its card stands beside it as .json (default: the model that is shipped)",
        HelpName = "FILE",
        DefaultValueFactory = _ => new FileInfo(ModelFile.DefaultPath),
    };

    public static Option<int> Threads() => CommonOptions.Int("--threads", "Threads of computation", new PredictorOptions().Threads, 1, ThreadsMax);

    public static Option<DirectoryInfo[]> Traces()
    {
        Option<DirectoryInfo[]> option = new("--trace") { Description = "Folder of a fleet trace; may be given several times", HelpName = "DIR", Required = true };
        option.AcceptExistingOnly();
        return option;
    }

    /// <summary>The utilisation from which on a VM counts as busy, 0 to 1.</summary>
    public static Option<float?> Busy() => new("--busy")
    {
        Description = "Utilisation from which on a VM counts as busy, above 0 and up to 1 (one that the model predicts; default: its highest)",
        HelpName = "SHARE",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float share) && share is > 0 and <= 1) return share;
            result.AddError($"--busy is '{text}'; a share above 0 and up to 1 is wanted");
            return null;
        },
    };

    public static Option<DirectoryInfo> Out() => new("--out") { Description = "Folder to write into, made where there is none", HelpName = "DIR", Required = true };

    /// <summary>A part of a trace's VMs, K/N.</summary>
    public static Option<VmFold?> Vms(string name, string description) =>
        Parsed<VmFold>(name, description + ", K/N: the K-th of N parts by their names' hash", "K/N", VmFold.TryParse, "a part as in 1/5 is wanted");

    /// <summary>A range of slots, A..B, both counted.</summary>
    public static Option<SlotRange?> Slots(string name, string description) =>
        Parsed<SlotRange>(name, description + ", A..B, both counted, from 0", "A..B", SlotRange.TryParse, "two slots as in 0..2015 are wanted, the second not before the first");

    private delegate bool TryParse<T>(string text, out T? value);

    private static Option<T?> Parsed<T>(string name, string description, string helpName, TryParse<T> tryParse, string wanted)
        where T : class => new(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result =>
            {
                if (tryParse(result.Tokens[0].Value, out T? value)) return value;
                result.AddError($"{name} is '{result.Tokens[0].Value}'; {wanted}");
                return null;
            },
        };
}
