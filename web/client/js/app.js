// What every page loads: each module finds its element and does nothing when it is absent.
import "./keys.js";
import "./results.js";
import "./captions.js";
import "./copy.js";
import "./follow.js";
